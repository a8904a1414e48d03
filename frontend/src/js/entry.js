// The fast form of a waybill: Enter moves on to the next field, a pasted party is taken apart at once.
const FIELDS = "input:not([type=hidden]):not([type=checkbox]), select, textarea";
const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

/** The fields one writes into, in the order of the page; the box for a whole block is passed by when it is empty. */
function fields(form) {
  return [...form.querySelectorAll(FIELDS)].filter((one) => !one.disabled && one.offsetParent !== null && !one.dataset.split);
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-enter-next]");
  if (!form || event.key !== "Enter" || event.isComposing || event.target.tagName === "BUTTON") return;
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const all = fields(form);
  const next = all[all.indexOf(event.target) + 1];
  if (!next) return form.requestSubmit(form.querySelector("button[data-key='Ctrl+Enter']"));
  next.focus();
  next.select?.();
});

async function take(box) {
  const text = box.value.trim();
  if (!text) return;
  const body = new URLSearchParams(new FormData(box.form));
  body.set("text", text);
  const answer = await fetch(box.dataset.splitUrl, { method: "POST", body, headers: { "X-CSRFToken": cookie(), Accept: "application/json" } });
  if (!answer.ok) return;
  for (const [name, value] of Object.entries(await answer.json())) {
    const field = box.form.elements[`${box.dataset.split}_${name}`];
    if (field && value) field.value = value;
  }
  box.value = "";
  box.form.dispatchEvent(new Event("change", { bubbles: true }));
  const all = fields(box.form);
  const empty = all.find((one, at) => at > all.indexOf(box.form.elements[`${box.dataset.split}_name`]) - 1 && !one.value);
  empty?.focus();
}

document.addEventListener("paste", (event) => {
  const box = event.target.closest?.("[data-split]");
  if (box) setTimeout(() => take(box), 0);
});
document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-split]");
  if (box) take(box);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[value^='split-']");
  const box = button?.form?.elements[`${button.value.slice(6)}_block`];
  if (!box?.value.trim()) return;
  event.preventDefault();
  take(box);
});
