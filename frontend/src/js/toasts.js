// Toasts: short answers in the corner. Errors stay until closed; the others leave after a while, unless the pointer or focus is on them.
import { each, say } from "./words.js";

const STAY = 6000;

/** Show a sentence; kind is accent, good, warn or bad. */
export function toast(text, kind = "accent") {
  const template = document.getElementById("toast-template");
  if (!template) return;
  const box = template.content.firstElementChild.cloneNode(true);
  box.classList.add(`toast-${kind}`);
  box.querySelector(".toast-text").textContent = text;
  document.getElementById("toasts").append(box);
  arm(box);
}

function arm(box) {
  if (box.classList.contains("toast-bad")) return;
  let timer = setTimeout(() => box.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const release = () => { timer = setTimeout(() => box.remove(), STAY); };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", release);
}

each(".toast", arm);

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".toast").remove());

// The server may ask for one by the HX-Trigger header: {"kefu:toast": {"text": "…", "kind": "good"}}.
document.addEventListener("kefu:toast", (event) => toast(event.detail.text ?? say("done"), event.detail.kind ?? "good"));
