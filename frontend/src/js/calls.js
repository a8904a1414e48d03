// The customer in hand: the time since the talk began ticks, and Ctrl+Enter ends it wherever the cursor stands.
import { duration } from "./clocks.js";
import { now } from "./words.js";

function tick() {
  for (const part of document.querySelectorAll("[data-since]")) {
    const text = duration(Math.max(0, Math.floor((now() - Date.parse(part.dataset.since)) / 1000)));
    if (part.textContent !== text) part.textContent = text;
  }
}

setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", tick);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  const button = document.querySelector("[data-call-finish]");
  if (!button || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  button.click();
});

// A swap may fold what the server sent open. After a refused record the eye goes to what is missing.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "talk") return;
  for (const one of document.querySelectorAll(".call-outcomes [data-stays-open]")) one.open = true;
  document.querySelector(".call-page .field-error")?.scrollIntoView({ block: "center" });
});
