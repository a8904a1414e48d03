// Handbooks: line numbers beside the text, going to the place of a problem, links that name a clause after the "#".
import { each } from "./words.js";

each(".code textarea", (area) => {
  if (area.previousElementSibling?.matches(".code-lines")) return;
  const lines = document.createElement("pre");
  lines.className = "code-lines";
  lines.setAttribute("aria-hidden", "true");
  area.before(lines);
  let count = 0;
  const number = () => {
    const wanted = area.value.split("\n").length;
    if (wanted !== count) {
      count = wanted;
      lines.textContent = Array.from({ length: wanted }, (_, index) => index + 1).join("\n");
    }
    lines.scrollTop = area.scrollTop;
  };
  area.addEventListener("input", number);
  area.addEventListener("scroll", () => { lines.scrollTop = area.scrollTop; });
  number();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-goto-line]");
  const area = document.querySelector(".code textarea");
  const line = Number(button?.dataset.gotoLine);
  if (!area || !line) return;
  const before = area.value.split("\n").slice(0, line - 1);
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start + Math.max(0, Number(button.dataset.gotoColumn) - 1), end < 0 ? area.value.length : end);
  area.scrollTop = (line - 6) * 20;
});

// A reference written best@3#clocks.call_back opens the clause, wherever it stands in the book.
const reader = document.querySelector("[data-clauses]");
const wanted = decodeURIComponent(location.hash.slice(1));
if (reader && /^[a-z_]+(\.[a-z0-9_]+)+$/.test(wanted) && !document.getElementById(wanted)) location.replace(reader.dataset.clauses + wanted);
