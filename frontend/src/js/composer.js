// The composer of a case: drafts kept on the server while somebody types, phrases behind "/" and people behind "@".
import { each } from "./words.js";

const PAUSE = 800;
const RETRY = 5000;
const drafts = new Map();
const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
const home = () => document.querySelector("[data-composer]");
const boxOf = (mode) => document.querySelector(`textarea[data-draft="${mode}"]`);

function post(address, values) {
  return fetch(address, { method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": cookie(), Accept: "application/json" } });
}

// ── Drafts: at most one save at a time, the last text counts ──

function line(mode, text, ...buttons) {
  const place = boxOf(mode)?.form.querySelector("[data-saved]");
  if (!place) return;
  place.textContent = text;
  for (const [label, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = label;
    button.addEventListener("click", act);
    place.append(" ", button);
  }
}

function values(mode) {
  const form = boxOf(mode).form;
  const found = { mode, text: boxOf(mode).value, revision: drafts.get(mode).revision };
  if (form.elements.channel) found.channel = form.elements.channel.value;
  if (form.elements.awaiting?.checked) found.awaiting = "1";
  return found;
}

function newer(mode, given) {
  const { dataset } = home();
  const draft = drafts.get(mode);
  draft.held = true;
  const settle = (text) => { draft.revision = given.revision; draft.held = false; if (text !== undefined) boxOf(mode).value = text; line(mode, ""); };
  line(mode, dataset.wordsNewer, [dataset.wordsTake, () => settle(given.text)], [dataset.wordsKeep, () => { settle(); later(mode, 0); }]);
}

async function save(mode) {
  const draft = drafts.get(mode);
  if (!boxOf(mode) || draft.held) return;
  if (draft.flying) { draft.again = true; return; }
  const { dataset } = home();
  const given = values(mode);
  if (!given.text && !draft.revision) return;
  line(mode, dataset.wordsSaving);
  draft.flying = post(dataset.save, given).then(async (answer) => {
    if (answer.status === 401) { line(mode, dataset.wordsOut); return; }
    const told = answer.ok || answer.status === 409 ? await answer.json() : null;
    if (answer.ok) { draft.revision = told.revision; line(mode, given.text ? `${dataset.wordsSaved} ${told.time}` : ""); return; }
    if (told?.code === "newer") { newer(mode, told); return; }
    if (told?.code === "gone") { draft.revision = 0; line(mode, ""); return; }
    throw new Error(String(answer.status));
  }).catch(() => { line(mode, home()?.dataset.wordsLost ?? ""); later(mode, RETRY); }).finally(() => {
    draft.flying = null;
    if (draft.again) { draft.again = false; save(mode); }
  });
}

function later(mode, wait = PAUSE) {
  const draft = drafts.get(mode);
  clearTimeout(draft.timer);
  draft.timer = setTimeout(save, wait, mode);
}

each("textarea[data-draft]", (box) => {
  const mode = box.dataset.draft;
  const draft = drafts.get(mode);
  if (!draft) drafts.set(mode, { revision: Number(box.dataset.revision), timer: 0, flying: null, again: false, held: false });
});
// A fresh page brings the newest draft; text that was not changed here goes on from it.
document.addEventListener("htmx:afterSettle", () => {
  for (const box of document.querySelectorAll("textarea[data-draft]")) {
    const draft = drafts.get(box.dataset.draft);
    if (draft && !draft.flying && box.value === box.defaultValue) { draft.revision = Number(box.dataset.revision); draft.held = false; }
  }
});
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const box = event.target.closest?.(".composer-form")?.querySelector("textarea[data-draft]");
    if (box) later(box.dataset.draft);
  });
}
// Sending waits for a save that is under way, so that none comes in behind it.
document.addEventListener("submit", (event) => {
  const box = event.target.querySelector?.("textarea[data-draft]");
  if (!box) return;
  const draft = drafts.get(box.dataset.draft);
  clearTimeout(draft.timer);
  draft.again = false;
  if (!draft.flying) return;
  const { submitter } = event;
  event.preventDefault();
  event.stopImmediatePropagation();
  draft.flying.finally(() => event.target.requestSubmit(submitter));
}, true);
addEventListener("pagehide", () => {
  for (const [mode, draft] of drafts) {
    const box = boxOf(mode);
    if (!box || draft.held || draft.flying || box.value === box.defaultValue || box.form.dataset.sent) continue;
    fetch(home().dataset.save, { method: "POST", body: new URLSearchParams(values(mode)), headers: { "X-CSRFToken": cookie() }, keepalive: true });
  }
});

document.addEventListener("click", (event) => {
  const label = event.target.closest?.("label[data-focus]");
  if (label) setTimeout(() => { const box = document.getElementById(label.dataset.focus); box?.focus(); box?.scrollIntoView({ block: "nearest" }); });
});

// ── "/" and "@": a list beside the text, by keyboard or mouse ──

const list = document.createElement("div");
list.className = "pick";
list.id = "pick";
list.setAttribute("role", "listbox");
list.hidden = true;
let at = null;
let asked = 0;

function close() {
  list.hidden = true;
  asked += 1;
  if (at) { at.box.removeAttribute("aria-activedescendant"); at.box.removeAttribute("aria-controls"); at.box.removeAttribute("aria-expanded"); }
  at = null;
}

/** The sign and what stands behind it up to the caret: "/" at the start of a line, "@" anywhere. */
function typed(box) {
  const before = box.value.slice(0, box.selectionStart);
  const found = before.match(/(?:^|\n)(\/)([^\s/]{0,20})$/) ?? before.match(/(@)([\w\u4e00-\u9fff·]{0,20})$/);
  return found ? { box, sign: found[1], text: found[2], start: before.length - found[2].length - 1 } : null;
}

function mark(row) {
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  if (!row) return;
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  at.box.setAttribute("aria-activedescendant", row.id);
}

async function look(box) {
  const found = typed(box);
  if (!found || box.dataset.draft === "said") { close(); return; }
  at = found;
  const mine = (asked += 1);
  const source = found.sign === "/" ? home().dataset.phrases : home().dataset.people;
  const answer = await fetch(`${source}?q=${encodeURIComponent(found.text)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (mine !== asked || !answer?.ok) return;
  list.innerHTML = await answer.text();
  if (mine !== asked) return;
  if (!list.querySelector("[role=option]")) list.innerHTML = `<div class="pick-none"></div>`;
  const none = list.querySelector(".pick-none");
  if (none) none.textContent = home().dataset.wordsNothing;
  list.setAttribute("aria-label", home().dataset.wordsList);
  box.insertAdjacentElement("afterend", list);
  list.hidden = false;
  list.classList.toggle("pick-up", box.getBoundingClientRect().bottom + 330 > innerHeight);
  box.setAttribute("aria-controls", "pick");
  box.setAttribute("aria-expanded", "true");
  mark(list.querySelector("[role=option]"));
}

function take(row) {
  if (!row || !at) return;
  const { box, start } = at;
  box.setRangeText(row.dataset.text, start, box.selectionStart, "end");
  const blank = row.dataset.text.indexOf("【");
  if (blank >= 0) box.setSelectionRange(start + blank, start + row.dataset.text.indexOf("】", blank) + 1);
  if (row.dataset.used) post(row.dataset.used, {});
  close();
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => { if (event.target.matches?.("textarea[data-draft]") && !event.isComposing) look(event.target); });
document.addEventListener("compositionend", (event) => { if (event.target.matches?.("textarea[data-draft]")) look(event.target); });
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pick]");
  if (button) {
    const box = button.closest("form").querySelector("textarea[data-draft]");
    const place = box.selectionEnd;
    const before = box.value.slice(0, place);
    const lead = button.dataset.pick === "/" && before && !before.endsWith("\n") ? "\n" : "";
    box.setRangeText(lead + button.dataset.pick, place, place, "end");
    box.focus();
    look(box);
    return;
  }
  const row = event.target.closest?.(".pick-row");
  if (row) take(row);
  else if (at && event.target !== at.box) close();
});
list.addEventListener("mousedown", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (list.hidden || !at || event.isComposing || event.target !== at.box) return;
  const rows = [...list.querySelectorAll("[role=option]")];
  const place = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(rows[(place + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") { if (!rows.length) return; take(rows[place]); }
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
