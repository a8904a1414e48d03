// Choosing rows for bulk work: ticks, ranges with Shift, "x" on the row in hand, the whole page, everything the filter holds.
// Without script the ticks and the bar work as a plain form; here the bar shows itself only when something is chosen.
const form = () => document.querySelector("form[data-bulk]");
const TICK = '.tick-cell input[form="bulk"]';
const ticks = () => [...document.querySelectorAll(TICK)];
let last = null;

function draw() {
  const bar = form();
  if (!bar) return;
  const boxes = ticks();
  const chosen = boxes.filter((box) => box.checked);
  const all = bar.querySelector("[data-bulk-all]");
  bar.querySelector("[data-bulk-count]").textContent = chosen.length;
  const page = bar.querySelector("[data-bulk-page]");
  page.checked = boxes.length > 0 && chosen.length === boxes.length;
  page.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  bar.toggleAttribute("data-chosen", chosen.length > 0 || all.checked);
  bar.querySelector(".bulk-count").hidden = all.checked;
  for (const box of boxes) box.closest("tr").toggleAttribute("data-picked", box.checked || all.checked);
}

function set(box, checked) {
  box.checked = checked;
  last = box;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(TICK);
  if (!box) return;
  const boxes = ticks();
  const from = boxes.indexOf(last);
  if (event.shiftKey && from >= 0) {
    const to = boxes.indexOf(box);
    for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
  }
  last = box;
  draw();
});
document.addEventListener("change", (event) => {
  if (!event.target.closest?.("form[data-bulk]")) return;
  if (event.target.matches("[data-bulk-page]")) for (const box of ticks()) box.checked = event.target.checked;
  draw();
});
document.addEventListener("reset", (event) => {
  if (!event.target.matches("form[data-bulk]")) return;
  for (const box of ticks()) box.checked = false;
  setTimeout(draw);
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !form()) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key === "Escape" && form().hasAttribute("data-chosen") && !document.querySelector("details.menu[open], dialog[open]")) {
    form().reset();
    return;
  }
  if (event.key !== "x") return;
  const row = document.activeElement?.closest?.("tr") ?? document.querySelector("tr.is-current");
  const box = row?.querySelector(TICK);
  if (!box) return;
  event.preventDefault();
  set(box, !box.checked);
  draw();
});
document.addEventListener("htmx:afterSettle", draw);
window.addEventListener("pageshow", draw);
