// Scoring by keys: j and k walk the items, 1 2 3 mark the one in hand, r writes its reason; what is marked is kept while one works.
// Everything is a plain form without this. The keys themselves are data-key buttons of the page (keys.js).
import { say } from "./words.js";

const sheet = document.querySelector("[data-review-sheet]");
const items = () => [...sheet.querySelectorAll("[data-review-item]")];
let place = -1;

function show(index) {
  const all = items();
  if (!all.length) return;
  place = (index + all.length) % all.length;
  all.forEach((one, at) => one.classList.toggle("is-current", at === place));
  all[place].scrollIntoView({ block: "nearest" });
  all[place].focus({ preventScroll: true });
}

function mark(verdict) {
  if (place < 0) show(0);
  const choice = items()[place]?.querySelector(`input[type=radio][value="${CSS.escape(verdict)}"]`);
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
}

let timer = 0;
async function keep() {
  const address = sheet.dataset.reviewSave;
  if (!address) return;
  const answer = await fetch(address, { method: "POST", body: new FormData(sheet), headers: { Accept: "application/json" } }).catch(() => null);
  const said = sheet.querySelector("[data-review-saved]");
  if (answer?.ok) {
    sheet.elements.version.value = (await answer.json()).version;
    if (said) said.textContent = say("draft_saved");
  } else if (said) said.textContent = say("draft_not_saved");
}

if (sheet) {
  let sending = false;
  document.addEventListener("click", (event) => {
    const step = event.target.closest?.("[data-review-step]");
    const verdict = event.target.closest?.("[data-review-verdict]");
    if (step) show(place < 0 && Number(step.dataset.reviewStep) > 0 ? 0 : place + Number(step.dataset.reviewStep));
    if (verdict) mark(verdict.dataset.reviewVerdict);
    if (event.target.closest?.("[data-review-reason]")) {
      if (place < 0) show(0);
      items()[place]?.querySelector("textarea")?.focus();
    }
  });
  sheet.addEventListener("focusin", (event) => {
    const found = items().indexOf(event.target.closest?.("[data-review-item]"));
    if (found >= 0 && found !== place) {
      place = found;
      items().forEach((one, at) => one.classList.toggle("is-current", at === place));
    }
  });
  const later = () => { clearTimeout(timer); if (!sending) timer = setTimeout(keep, 1200); };
  sheet.addEventListener("change", later);
  sheet.addEventListener("input", later);
  sheet.addEventListener("submit", () => { sending = true; clearTimeout(timer); });
  // Escape leaves a reason for the item it belongs to, so that the letters work again.
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("textarea, input")) event.target.closest("[data-review-item]")?.focus();
  });
}
