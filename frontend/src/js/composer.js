// The composer of a case: phrases behind "/" and people behind "@". What is written is kept by server-drafts.js.
import { home, post } from "./server-drafts.js";

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
