// Keyboard. An element with data-key reacts to its letter, or to a combination written "Alt+j", "Mod+Alt+a", "Shift+t" (Mod: Ctrl or ⌘).
// "g" and a letter goes to a page, "/" to the search, "?" opens the sheet. Single letters are off while typing and composing; combinations
// with Alt or Mod work everywhere. What other products taught people's fingers works here too: see docs/keys.md.
import { show } from "./floats.js";
import { put } from "./copy.js";
import { say } from "./words.js";

const CHORD = 1200;
let chord = 0;

function typing(target) {
  return target.isContentEditable || target.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, dialog[open]");
}
function visible(element) {
  return element.getClientRects().length > 0;
}

/** Name of the key pressed: "j", "Shift+j", "Alt+j", "Mod+Alt+a". With Alt, macOS types other characters: then the place of the key counts. */
function pressed(event) {
  const letter = event.altKey && /^(Key|Digit)/.test(event.code) ? event.code.slice(-1).toLowerCase() : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const sign = /[a-z0-9]/.test(letter) || letter.length > 1;
  const mod = event.ctrlKey || event.metaKey;
  return `${mod ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey && (sign || mod) ? "Shift+" : ""}${letter}`;
}

function press(element) {
  if (!element) return false;
  element.closest("details:not([open]):not(.menu)")?.setAttribute("open", "");
  if (element.matches("textarea, select, input:not([type=submit], [type=button])")) element.focus();
  else element.click();
  return true;
}
function keyed(key) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
}
/** Ctrl (or ⌘) and Enter: what the form one writes in says it does then; outside of forms the first one that says so. */
function done(target) {
  const form = target.closest?.("form");
  return form ? form.querySelector('[data-key="Ctrl+Enter"]') : keyed("Ctrl+Enter");
}
const first = (selector) => [...document.querySelectorAll(selector)].find(visible);

// ── The case before and behind the one in hand: as the page says, else in the list it was opened from ──

const LIST = "kefu:list";
const caseLink = (link) => /^\/cases\/\d+$/.test(link.pathname);
const own = document.documentElement.dataset.actor;
const rows = [...document.querySelectorAll("main a.row-link")].filter(caseLink).map((link) => link.pathname);
if (rows.length && !caseLink(location)) sessionStorage.setItem(LIST, JSON.stringify({ own, rows }));

function neighbour(by) {
  if (!caseLink(location)) return false;
  const kept = JSON.parse(sessionStorage.getItem(LIST) ?? "null");
  if (kept?.own !== own) return false;
  const place = kept.rows.indexOf(location.pathname);
  const next = place < 0 ? undefined : kept.rows[place + by];
  if (next) location.assign(next);
  return Boolean(next);
}
function tab(by) {
  const tabs = [...document.querySelectorAll("main .tabs a")];
  const next = tabs[tabs.findIndex((link) => link.matches("[aria-current]")) + by];
  return tabs.length > 1 && press(next ?? (by > 0 ? tabs[0] : tabs.at(-1)));
}

// ── "." copies the number of what the page shows; pressed again at once its title too, a third time the link ──

let copies = 0;
let copiedAt = 0;
function copyNumber() {
  const number = document.querySelector("main :is(.case-head, .page-head) [data-copy]")?.dataset.copy;
  if (!number) return false;
  copies = Date.now() - copiedAt < 1500 ? Math.min(copies + 1, 3) : 1;
  copiedAt = Date.now();
  const title = document.querySelector("main h1")?.firstChild?.textContent.trim() ?? "";
  return copy([number, title, location.href].slice(0, copies).join(" "));
}
function copy(text) {
  put(text);
  document.dispatchEvent(new CustomEvent("kefu:toast", { detail: { text: say("copied", { text }) } }));
  return true;
}
const link = () => copy(location.origin + location.pathname);

const byNote = () => press(keyed("m"));
const byReply = () => press(keyed("r"));
const byStep = () => press(first("#next details.step:not(.step-blocked) > summary"));
// A page's own data-key comes before these.
const KNOWN = {
  "?": () => show(document.getElementById("key-sheet")) ?? true,
  "Mod+/": () => show(document.getElementById("key-sheet")) ?? true,
  "/": () => { const field = document.getElementById("search"); field?.focus(); field?.select(); return Boolean(field); },
  "o": () => press(document.querySelector('[data-chord="c"]')),
  ".": copyNumber,
  "Mod+.": copyNumber,
  ">": () => neighbour(1),
  "<": () => neighbour(-1),
  "Alt+j": () => neighbour(1),
  "Alt+k": () => neighbour(-1),
  "Mod+Shift+.": link,
  "Mod+Shift+>": link,
  "Alt+p": byNote,
  "x": byNote,
  "Alt+l": byReply,
  "s": byStep,
  "Alt+e": byStep,
  "Alt+m": () => press(first('[id^="pause-"]')?.closest("details")?.querySelector("summary") ?? keyed("Alt+m")),
  "Mod+Alt+a": () => press(document.querySelector("form[data-drop] input[type=file]")?.closest("label")),
  "Alt+n": () => tab(1),
  "Shift+ArrowRight": () => tab(1),
  "Shift+ArrowLeft": () => tab(-1),
  "Alt+o": () => document.querySelector(".case-right") && (document.documentElement.toggleAttribute("data-aside-hidden"), true),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.key === "Control" || event.key === "Shift" || event.key === "Alt" || event.key === "Meta") return;
  const key = pressed(event);
  const everywhere = /^(Mod|Alt)\+/.test(key);
  if (typing(event.target) && (!everywhere || event.target.closest?.("dialog[open]"))) return;
  if (everywhere && event.getModifierState?.("AltGraph")) return;
  if (!everywhere && chord && Date.now() - chord < CHORD) {
    chord = 0;
    if (press(document.querySelector(`[data-chord="${CSS.escape(key)}"]`))) { event.preventDefault(); return; }
  }
  if (key === "g") { chord = Date.now(); return; }
  // Shift and arrows mark text while there is a selection.
  if (key.startsWith("Shift+Arrow") && String(getSelection())) return;
  const element = key === "Mod+Enter" ? done(event.target) : keyed(key);
  if (element ? press(element) : KNOWN[key]?.()) event.preventDefault();
});

// Up and down (or j and k) walk the rows of a list marked data-walk; Enter opens by the link itself.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event.target)) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const list = document.querySelector("[data-walk]");
  if (!step || !list || (event.key.startsWith("Arrow") && !list.contains(document.activeElement))) return;
  const links = [...list.querySelectorAll(".row-link")];
  const next = links[links.indexOf(document.activeElement) + step];
  if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "search") event.target.blur();
});
