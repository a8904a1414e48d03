// Keyboard: "/" goes to the search, "?" opens the sheet, "g" and a letter goes to a page; an element with data-key reacts to its letter.
// Single letters are off while typing and while an input method composes.
import { show } from "./floats.js";

const CHORD = 1200;
let chord = 0;

function typing(target) {
  return target.isContentEditable || target.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, dialog[open]");
}

function visible(element) {
  return element.getClientRects().length > 0;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (chord && Date.now() - chord < CHORD) {
    chord = 0;
    const link = document.querySelector(`[data-chord="${CSS.escape(key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (key === "g") { chord = Date.now(); return; }
  if (key === "/") {
    const search = document.getElementById("search");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
    return;
  }
  if (key === "?") { event.preventDefault(); show(document.getElementById("key-sheet")); return; }
  const element = [...document.querySelectorAll(`[data-key="${CSS.escape(event.shiftKey && key !== "?" ? `Shift+${key}` : key)}"]`)].find(visible);
  if (element) {
    event.preventDefault();
    if (element.matches("input, textarea, select")) element.focus();
    else element.click();
  }
});

// Up and down (or j and k) walk the rows of a list marked data-walk; Enter opens by the link itself.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const list = document.querySelector("[data-walk]");
  if (!step || !list || (event.key.startsWith("Arrow") && !list.contains(document.activeElement))) return;
  const links = [...list.querySelectorAll(".row-link")];
  const next = links[links.indexOf(document.activeElement) + step];
  if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "search") event.target.blur();
});
