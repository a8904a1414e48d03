// What the pages of cases need beyond attributes: typed text outlives a swap, files are dropped in, Ctrl+Enter sends.
import { always, each } from "./words.js";

const SKIPPED = ["hidden", "file", "submit", "button", "password"];

function address(field) {
  const form = field.form;
  return `${form?.id || form?.getAttribute("action") || ""}|${field.name}|${["checkbox", "radio"].includes(field.type) ? field.value : ""}`;
}

function changed(field) {
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function fields(root) {
  return [...root.querySelectorAll("textarea[name], input[name], select[name]")].filter((field) => !SKIPPED.includes(field.type));
}

// A swap of the whole page body, or one that others cause, must not eat what stands half typed in another form. The form that was sent is
// the server's to fill.
let kept = null;
const keepsTyped = (box, event) => box?.matches?.("[data-keeps-typed]") || event.detail.requestConfig?.triggeringEvent?.type === "live";
document.addEventListener("htmx:beforeSwap", (event) => {
  const box = event.detail.target;
  const from = event.detail.requestConfig?.elt;
  if (event.detail.shouldSwap) from?.closest?.("dialog")?.close();
  if (!keepsTyped(box, event) || !event.detail.shouldSwap) return;
  const sent = from?.closest("form");
  kept = { values: new Map(), sent };
  for (const field of fields(box)) {
    if (field.form !== sent && changed(field)) kept.values.set(address(field), ["checkbox", "radio"].includes(field.type) ? field.checked : field.value);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  const box = event.detail.target;
  if (!kept || !keepsTyped(box, event)) return;
  // What was taken leaves its form; morphing alone would leave it standing.
  if (kept.sent?.isConnected && event.detail.xhr.status < 300) kept.sent.reset();
  for (const field of fields(box)) {
    const value = kept.values.get(address(field));
    if (value === undefined) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = value;
    else field.value = value;
  }
  kept = null;
});

// Ctrl or ⌘ and Enter send a form; in a field marked data-send-key="enter" Enter alone does, Shift+Enter breaks the line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  const field = event.target;
  const form = field.closest?.("form");
  if (!form) return;
  const alone = field.dataset?.sendKey === "enter" && !event.shiftKey;
  if (alone || ((event.ctrlKey || event.metaKey) && form.matches("[data-send-key]"))) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-send]") ?? undefined);
  }
});

// A box that grows with its text.
function fit(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 280)}px`;
}
each("textarea[data-grows]", (box) => box.addEventListener("input", () => fit(box)));
always("textarea[data-grows]", fit);

// Files: chosen, dropped anywhere on the form, or pasted while the page is in front.
function send(form, files) {
  const input = form.querySelector('input[type="file"]');
  if (files) input.files = files;
  if (input.files.length) form.requestSubmit();
}
each("form[data-drop]", (form) => {
  form.addEventListener("change", () => send(form));
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.dataset.over = ""; });
  form.addEventListener("dragleave", () => delete form.dataset.over);
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    delete form.dataset.over;
    if (event.dataTransfer.files.length) send(form, event.dataTransfer.files);
  });
});
document.addEventListener("paste", (event) => {
  const form = document.querySelector("form[data-drop]");
  if (form && event.clipboardData?.files.length) { event.preventDefault(); send(form, event.clipboardData.files); }
});

// A wide drawing starts where the case is.
always(".drawing-scroll", (box) => {
  const place = box.querySelector(".box-current rect, .box-next rect");
  if (place) box.scrollLeft = Math.max(0, place.getAttribute("x") - box.clientWidth / 2);
});

// Empty filters stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, verb, formData } = event.detail;
  if (verb !== "get" || !elt.matches?.("form.filter-bar")) return;
  for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
});

// Files dropped anywhere on a case go to its attachments.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.(".case-page") && document.querySelector("form[data-drop]");
    if (!form || event.defaultPrevented || ![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    if (kind === "drop" && event.dataTransfer.files.length) send(form, event.dataTransfer.files);
  });
}

// What is folded or put aside stays so on this computer.
const STORE = "kefu:folds";
const folds = JSON.parse(localStorage.getItem(STORE) ?? "{}");
function remember(name, value) { folds[name] = value; localStorage.setItem(STORE, JSON.stringify(folds)); }
each("details[data-fold]", (box) => {
  if (folds[box.dataset.fold] !== undefined) box.open = folds[box.dataset.fold];
  box.addEventListener("toggle", () => remember(box.dataset.fold, box.open));
});
each("input[data-kept]", (box) => {
  if (folds[box.dataset.kept] !== undefined && matchMedia("(min-width: 1280px)").matches) box.checked = folds[box.dataset.kept];
  box.addEventListener("change", () => { if (matchMedia("(min-width: 1280px)").matches) remember(box.dataset.kept, box.checked); });
});
each(".strip-rows [aria-current]", (row) => row.scrollIntoView({ block: "nearest" }));

// A case that stood in front of its reader for a moment is seen up to its newest entry.
const SEEN = 1500;
let seenTo = "";
function seen() {
  const box = document.querySelector("[data-seen-to]");
  if (!box || document.hidden || box.dataset.seenTo === seenTo) return;
  seenTo = box.dataset.seenTo;
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  fetch(box.dataset.seen, { method: "POST", body: new URLSearchParams({ entry: seenTo }), headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => { seenTo = ""; });
}
setTimeout(seen, SEEN);
document.addEventListener("htmx:afterSettle", () => setTimeout(seen, SEEN));
document.addEventListener("visibilitychange", () => setTimeout(seen, SEEN));
