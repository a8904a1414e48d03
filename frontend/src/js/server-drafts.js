// Drafts kept on the server while somebody types: texts of the composer (data-draft) and forms of steps (data-draft-form).
import { each } from "./words.js";

const PAUSE = 800;
const RETRY = 5000;
const HOLDERS = "textarea[data-draft], form[data-draft-form]";
const drafts = new Map();
const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
export const home = () => document.querySelector("[data-composer]");
const isForm = (holder) => holder.tagName === "FORM";
const modeOf = (holder) => (isForm(holder) ? holder.dataset.draftForm : holder.dataset.draft);
const holderOf = (mode) => [...document.querySelectorAll(HOLDERS)].find((one) => modeOf(one) === mode);
const formOf = (holder) => (isForm(holder) ? holder : holder.form);

export function post(address, values) {
  return fetch(address, { method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": cookie(), Accept: "application/json" } });
}

/** Fields of a step's form: their names begin with the step's; files are not kept. */
const fieldsOf = (form) => [...form.elements].filter((one) => one.name?.startsWith(`${modeOf(form).slice(5)}-`) && one.type !== "file");

function isTouched(holder) {
  if (!isForm(holder)) return holder.value !== holder.defaultValue;
  return fieldsOf(holder).some((one) => {
    if (one.type === "radio" || one.type === "checkbox") return one.checked !== one.defaultChecked;
    return one.tagName === "SELECT" ? [...one.options].some((option) => option.selected !== option.defaultSelected) : one.value !== one.defaultValue;
  });
}

function read(mode) {
  const holder = holderOf(mode);
  const found = [["mode", mode], ["revision", drafts.get(mode).revision]];
  if (isForm(holder)) {
    const names = new Set(fieldsOf(holder).map((one) => one.name));
    return [...found, ...[...new FormData(holder)].filter(([name, value]) => names.has(name) && value)];
  }
  found.push(["text", holder.value]);
  const { channel, awaiting } = holder.form.elements;
  if (channel) found.push(["channel", channel.value]);
  if (awaiting?.checked) found.push(["awaiting", "1"]);
  return found;
}

const isEmpty = (given) => given.every(([name, value]) => ["mode", "revision", "channel", "awaiting"].includes(name) || !value);

/** Puts a draft of another tab in place of what stands here. */
function write(holder, given) {
  if (!isForm(holder)) { holder.value = given.text; return; }
  const step = modeOf(holder).slice(5);
  for (const one of fieldsOf(holder)) {
    const values = [given.fields[one.name.slice(step.length + 1)] ?? ""].flat();
    if (one.type === "radio" || one.type === "checkbox") one.checked = values.includes(one.value);
    else [one.value] = values;
  }
}

// ── At most one save at a time, the last text counts ──

function line(mode, text, ...buttons) {
  const holder = holderOf(mode);
  const place = holder && formOf(holder).querySelector("[data-saved]");
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

function newer(mode, given) {
  const { dataset } = home();
  const draft = drafts.get(mode);
  draft.held = true;
  const settle = (take) => { draft.revision = given.revision; draft.held = false; if (take) write(holderOf(mode), given); line(mode, ""); };
  line(mode, dataset.wordsNewer, [dataset.wordsTake, () => settle(true)], [dataset.wordsKeep, () => { settle(false); later(mode, 0); }]);
}

async function save(mode) {
  const draft = drafts.get(mode);
  if (!holderOf(mode) || draft.held) return;
  if (draft.flying) { draft.again = true; return; }
  const { dataset } = home();
  const given = read(mode);
  if (isEmpty(given) && !draft.revision) return;
  line(mode, dataset.wordsSaving);
  draft.flying = post(dataset.save, given).then(async (answer) => {
    if (answer.status === 401) { line(mode, dataset.wordsOut); return; }
    const told = answer.ok || answer.status === 409 ? await answer.json() : null;
    if (answer.ok) { draft.revision = told.revision; line(mode, isEmpty(given) ? "" : `${dataset.wordsSaved} ${told.time}`); return; }
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

each(HOLDERS, (holder) => {
  const mode = modeOf(holder);
  if (!drafts.has(mode)) drafts.set(mode, { revision: Number(holder.dataset.revision), timer: 0, flying: null, again: false, held: false });
});
// A fresh page brings the newest draft; what was not changed here goes on from it.
document.addEventListener("htmx:afterSettle", () => {
  for (const holder of document.querySelectorAll(HOLDERS)) {
    const draft = drafts.get(modeOf(holder));
    if (draft && !draft.flying && !isTouched(holder)) { draft.revision = Number(holder.dataset.revision); draft.held = false; }
  }
});
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.(".composer-form, form[data-draft-form]");
    const holder = form?.matches("form[data-draft-form]") ? form : form?.querySelector("textarea[data-draft]");
    if (holder && event.target.type !== "file") later(modeOf(holder));
  });
}
// Sending waits for a save that is under way, so that none comes in behind it.
document.addEventListener("submit", (event) => {
  const holder = event.target.matches?.("form[data-draft-form]") ? event.target : event.target.querySelector?.("textarea[data-draft]");
  if (!holder) return;
  const draft = drafts.get(modeOf(holder));
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
    const holder = holderOf(mode);
    if (!holder || draft.held || draft.flying || !isTouched(holder) || formOf(holder).dataset.sent) continue;
    fetch(home().dataset.save, { method: "POST", body: new URLSearchParams(read(mode)), headers: { "X-CSRFToken": cookie() }, keepalive: true });
  }
});
