// Findings of a conversation: step from one to the next, and light up the note of a marked word and the word of a note.
const notes = () => [...document.querySelectorAll("[data-hit]")];
const marks = (id) => document.querySelectorAll(`[data-findings~="${CSS.escape(id)}"]`);
let place = -1;

function show(note) {
  document.querySelectorAll(".hit-note.is-current, .talk-row.is-current").forEach((one) => one.classList.remove("is-current"));
  note.classList.add("is-current");
  const row = note.dataset.line && document.getElementById(note.dataset.line);
  row?.classList.add("is-current");
  (row || note).scrollIntoView({ block: "center" });
  note.focus({ preventScroll: true });
  place = notes().indexOf(note);
  const word = document.querySelector("[data-hit-place]");
  if (word) word.textContent = ` ${place + 1} / ${notes().length}`;
  history.replaceState(history.state, "", `#${note.id}`);
}

function step(by) {
  const all = notes();
  if (all.length) show(all[place < 0 ? (by > 0 ? 0 : all.length - 1) : (place + by + all.length) % all.length]);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-hit-step]");
  if (button) { step(Number(button.dataset.hitStep)); return; }
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest?.("a[data-findings], a[data-goto]");
  const id = link?.dataset.goto ?? link?.dataset.findings.split(" ")[0];
  const note = id && document.getElementById(`finding-${id}`);
  if (note) { event.preventDefault(); show(note); }
});

function light(target, on) {
  const note = target.closest?.("[data-hit]");
  if (note) marks(note.dataset.hit).forEach((mark) => mark.classList.toggle("is-linked", on));
  const mark = target.closest?.("[data-findings]");
  if (mark) for (const id of mark.dataset.findings.split(" ")) document.getElementById(`finding-${id}`)?.classList.toggle("is-linked", on);
}
document.addEventListener("pointerover", (event) => light(event.target, true));
document.addEventListener("pointerout", (event) => light(event.target, false));
document.addEventListener("focusin", (event) => light(event.target, true));
document.addEventListener("focusout", (event) => light(event.target, false));

// A clause card that is in the way goes with Escape, and may come again when one returns to it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("[data-peek]:is(:hover, :focus-within)").forEach((one) => one.classList.add("is-away"));
});
for (const leaving of ["pointerout", "focusout"]) document.addEventListener(leaving, (event) => {
  const one = event.target.closest?.("[data-peek]");
  if (one && !one.contains(event.relatedTarget)) one.classList.remove("is-away");
});

// Coming from a list to one finding: the walk goes on from there, and its line is shown with it.
const start = location.hash.startsWith("#finding-") && document.getElementById(location.hash.slice(1));
if (start) requestAnimationFrame(() => show(start));
