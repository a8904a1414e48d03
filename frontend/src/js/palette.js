// Command palette: Ctrl or ⌘ and K. Commands are filtered here at once, by words or by the initials of their sounds; what is kept in
// the centre is asked for once per pause in typing, by POST, and an older answer never overtakes a newer one.
import { say } from "./words.js";
import { show } from "./floats.js";

const PAUSE = 150;
const RECENT = "kefu:recent";
const dialog = document.getElementById("palette");
const page = document.documentElement.dataset;
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
let timer = 0;
let asked = null;
let hits = [];

// ── What was open before: paths only, of this person; their names are asked for when needed ──

const thing = /^\/(cases|conversations|customers|people|parcels)\/[0-9A-Za-z]+$/;
function recent() {
  const kept = JSON.parse(localStorage.getItem(RECENT) ?? "null");
  return kept?.who === page.actor ? kept.paths.filter((path) => thing.test(path)) : [];
}
if (page.actor && thing.test(location.pathname) && !/\/new$/.test(location.pathname)) {
  const paths = [location.pathname, ...recent().filter((path) => path !== location.pathname)].slice(0, 9);
  localStorage.setItem(RECENT, JSON.stringify({ who: page.actor, paths }));
}
if (document.querySelector("[data-signed-out]")) localStorage.removeItem(RECENT);

// ── The page's own buttons ──

function label(element) {
  return (element.dataset.palette || element.getAttribute("aria-label") || element.getAttribute("placeholder") || element.textContent).replace(/\s+/g, " ").trim();
}
function reachable(element) {
  return !element.disabled && !element.matches("summary") && (element.getClientRects().length > 0 || element.closest("details.menu"));
}
function deeds() {
  const found = new Map();
  for (const element of document.querySelectorAll("main [data-key], main [data-palette], .page-actions .btn, .case-actions :is(.btn, .menu-item), [data-palette]")) {
    const words = label(element);
    if (words && words.length <= 40 && reachable(element) && !found.has(words) && !element.closest("dialog")) found.set(words, element);
  }
  return found;
}

let actions = new Map();

function option(words, icon, detail) {
  const line = document.createElement("div");
  line.className = "palette-option";
  line.setAttribute("role", "option");
  line.dataset.label = words;
  const sign = dialog.querySelector("template").content.firstElementChild.cloneNode(true);
  sign.querySelector("use").setAttribute("href", sign.querySelector("use").getAttribute("href").replace(/#.*/, `#${icon}`));
  const text = document.createElement("span");
  text.className = "palette-label";
  text.textContent = words;
  line.append(sign, text);
  if (detail) {
    const key = document.createElement("kbd");
    key.textContent = detail;
    line.append(key);
  }
  return line;
}

// ── Asking the centre ──

async function open() {
  if (!dialog || dialog.open) return;
  actions = deeds();
  input.value = "";
  hits = [];
  show(dialog);
  const query = new URLSearchParams([...[...actions.keys()].map((words) => ["label", words]), ...recent().filter((path) => path !== location.pathname).map((path) => ["recent", path])]);
  try {
    const answer = await fetch(`${dialog.dataset.source}?${query}`);
    if (answer.status === 401 || answer.redirected) { location.assign("/sign-in"); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
  } catch {
    list.textContent = "";
    tell(say("palette_away"));
    return;
  }
  const sounds = JSON.parse(list.querySelector("[data-page-sounds]").textContent);
  const group = list.querySelector('[data-group="page"]');
  for (const [words, element] of actions) {
    const own = element.querySelector("use")?.getAttribute("href").split("#")[1];
    const line = option(words, own ?? "play", element.dataset.key);
    line.dataset.sounds = sounds[words] ?? "";
    line.dataset.deed = words;
    group.append(line);
  }
  // What the page offers itself is not offered a second time.
  for (const line of list.querySelectorAll('[data-group="do"] .palette-option')) if (actions.has(line.dataset.label)) line.remove();
  draw();
}

function ask() {
  clearTimeout(timer);
  asked?.abort();
  dropHits();
  const words = input.value.trim();
  draw();
  if (!words) return;
  timer = setTimeout(async () => {
    asked = new AbortController();
    const body = new FormData();
    body.set("q", words);
    try {
      const answer = await fetch(dialog.dataset.source, { method: "POST", body, headers: { "X-CSRFToken": token() }, signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const template = document.createElement("template");
      template.innerHTML = await answer.text();
      dropHits();
      hits = [...template.content.children];
      list.append(...hits);
      draw(true);
    } catch (error) {
      if (error.name !== "AbortError") tell(say("palette_away"));
    }
  }, PAUSE);
}
function dropHits() {
  for (const group of hits) group.remove();
  hits = [];
}

// ── Drawing and walking ──

const whole = () => list.querySelector("[data-whole]");
function shown() {
  return [...list.querySelectorAll(".palette-option:not([hidden])")];
}
/** How well a command fits: 0 not at all. */
function fit(line, words) {
  const name = line.dataset.label.toLowerCase();
  const [initials = "", spelling = ""] = (line.dataset.sounds ?? "").split(" ");
  if (name.startsWith(words)) return 5;
  if (initials.startsWith(words)) return 4;
  if (spelling.startsWith(words) || name.includes(words)) return 3;
  return initials.includes(words) && words.length > 1 ? 2 : 0;
}
function draw(answered = false) {
  const words = input.value.trim().toLowerCase();
  const typed = words.replace(/\s+/g, "");
  for (const group of list.querySelectorAll(".palette-group")) {
    if (group.dataset.group === "hits") continue;
    const lines = [...group.querySelectorAll(".palette-option")];
    const ranks = new Map(lines.map((line) => [line, typed ? fit(line, typed) || fit(line, words) : 1]));
    for (const line of lines) line.hidden = !ranks.get(line);
    if (typed) group.append(...lines.sort((one, other) => ranks.get(other) - ranks.get(one)));
    group.hidden = lines.every((line) => line.hidden);
    group.dataset.rank = Math.max(0, ...ranks.values());
  }
  // The group that holds the best fit comes first; without words all stand as they came.
  const groups = [...list.querySelectorAll('.palette-group:not([data-group="hits"])')];
  const place = (group) => (typed ? -10 * group.dataset.rank : 0) + ["recent", "page", "go", "do"].indexOf(group.dataset.group);
  list.prepend(...groups.sort((one, other) => place(one) - place(other)));
  whole()?.remove();
  if (words) {
    const last = option(say("palette_all", { text: input.value.trim() }), "search");
    last.dataset.href = `${dialog.dataset.search}?q=${encodeURIComponent(input.value.trim())}`;
    last.dataset.whole = "";
    list.append(last);
  }
  shown().forEach((line, index) => { line.id = `palette-${index}`; line.setAttribute("aria-selected", "false"); });
  mark(shown()[0]);
  if (answered || !words) tell(say("palette_count", { count: shown().length }));
}
function mark(line) {
  list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
  input.removeAttribute("aria-activedescendant");
  if (!line) return;
  line.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", line.id);
  line.scrollIntoView({ block: "nearest" });
}
function step(by, wrap = true) {
  const lines = shown();
  const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true") + by;
  mark(wrap ? lines[(at + lines.length) % lines.length] : lines[Math.max(0, Math.min(lines.length - 1, at))]);
}
function tell(words) {
  dialog.querySelector("[data-told]").textContent = words;
}

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}
function post(address) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = token();
  form.append(field);
  document.body.append(form);
  form.requestSubmit();
}

function run(line, aside) {
  if (!line) return;
  if (line.dataset.href) {
    if (aside) { window.open(line.dataset.href, "_blank", "noopener"); return; }
    dialog.close();
    location.assign(line.dataset.href);
    return;
  }
  dialog.close();
  if (line.dataset.posts) { post(line.dataset.posts); return; }
  const element = line.dataset.deed ? actions.get(line.dataset.deed) : document.querySelector(line.dataset.clicks);
  if (!element) return;
  element.closest("details.menu")?.removeAttribute("open");
  if (element.matches("textarea, select, input:not([type=submit], [type=button])")) element.focus();
  else element.click();
}

if (dialog) {
  input.addEventListener("input", (event) => { if (!event.isComposing) ask(); });
  input.addEventListener("compositionend", ask);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const move = { ArrowDown: [1], ArrowUp: [-1], PageDown: [8, false], PageUp: [-8, false] }[event.key];
    if (move) { event.preventDefault(); step(...move); }
    if (event.key === "Enter") { event.preventDefault(); run(list.querySelector('[aria-selected="true"]'), event.ctrlKey || event.metaKey); }
  });
  list.addEventListener("click", (event) => run(event.target.closest(".palette-option"), event.ctrlKey || event.metaKey));
  list.addEventListener("pointermove", (event) => {
    const line = event.target.closest(".palette-option");
    if (line && line.getAttribute("aria-selected") !== "true") mark(line);
  });
  dialog.addEventListener("close", () => { clearTimeout(timer); asked?.abort(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-opens-palette]")) { event.preventDefault(); open(); } });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
}
