// A form is sent once: a second click while the answer is awaited does nothing. Coming back with the back button frees it again.
import { show } from "./floats.js";
import { each, say } from "./words.js";

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// data-confirm on a form or on the button that sends it: asked first. Without script the page that answers says what was done.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  const dialog = document.getElementById("confirm");
  if (!question || !dialog || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("[data-question]").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "1";
    form.requestSubmit(submitter);
  }, { once: true });
  show(dialog);
}, true);

function hold(form, button) {
  form.dataset.sent = "1";
  // Later than the browser's own collection of the form, so a button's value is still sent.
  setTimeout(() => { button?.classList.add("is-busy"); button?.setAttribute("aria-disabled", "true"); });
}

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll(".is-busy")) {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // data-again: the answer is a file, the page stays and the form may be sent again.
  if (!event.defaultPrevented && form.method === "post" && !form.matches("[data-again]")) hold(form, event.submitter);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("form") && event.detail.requestConfig.verb !== "get") hold(event.target, event.detail.requestConfig.triggeringEvent?.submitter);
});
document.addEventListener("htmx:afterRequest", (event) => event.target.matches?.("form") && free(event.target));
window.addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-sent]").forEach(free));

// Filters apply when changed; without script the form has a button.
each("form[data-auto-submit]", (form) => form.addEventListener("change", () => form.requestSubmit()));

// No half-filled form is left by accident.
let dirty = false;
document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) dirty = true; });
document.addEventListener("submit", () => { dirty = false; });
window.addEventListener("beforeunload", (event) => { if (dirty) { event.preventDefault(); event.returnValue = say("unsaved"); } });
