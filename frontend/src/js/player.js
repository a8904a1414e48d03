// The recording of a call: the wave is the slider, lines and findings jump to their second, the line being spoken is lit.
const box = () => document.querySelector("[data-player]");
const audio = () => box()?.querySelector("[data-audio]");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const length = () => Number(box()?.dataset.seconds) || audio()?.duration || 0;
let wanted = null; // second to begin at, once the sound knows its length

function seek(second, play) {
  const sound = audio();
  if (!sound) return;
  const to = Math.max(0, Math.min(second, length() || second));
  if (sound.readyState === 0) { wanted = to; sound.preload = "metadata"; sound.load(); } else sound.currentTime = to;
  draw(to);
  if (play) sound.play()?.catch(() => {});
}

function draw(second) {
  const area = box();
  if (!area) return;
  const place = area.querySelector("[data-player-place]");
  if (place) place.textContent = `${clock(second)} / ${clock(length())}`;
  const head = area.querySelector("[data-wave-head]");
  if (head && length()) for (const name of ["x1", "x2"]) head.setAttribute(name, ((1200 * second) / length()).toFixed(1));
  const wave = area.querySelector("[data-wave]");
  wave?.setAttribute("aria-valuenow", Math.round(second));
  wave?.setAttribute("aria-valuetext", clock(second));
  follow(second);
}

function follow(second) {
  let current = null;
  for (const row of document.querySelectorAll(".talk-row[data-at]")) {
    const from = Number(row.dataset.at), until = Number(row.dataset.until || from + 4);
    if (second >= from - 0.05 && second < until) current = row;
  }
  for (const row of document.querySelectorAll(".talk-row.is-spoken")) if (row !== current) row.classList.remove("is-spoken");
  if (!current || current.classList.contains("is-spoken")) return;
  current.classList.add("is-spoken");
  const sound = audio();
  const at = current.getBoundingClientRect();
  if (sound && !sound.paused && (at.top < 90 || at.bottom > innerHeight - 40)) current.scrollIntoView({ block: "center" });
}

function told() {
  const button = box()?.querySelector("[data-player-toggle]");
  const word = button?.querySelector("[data-player-word]");
  const playing = !audio().paused;
  button?.setAttribute("aria-pressed", String(playing));
  if (word) word.textContent = playing ? word.dataset.pause : word.dataset.play;
}

const fromWave = (wave, x) => { const at = wave.getBoundingClientRect(); return (length() * (x - at.left)) / at.width; };

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-seek], [data-player-toggle], [data-player-step], [data-wave]");
  if (!target || !audio()) return;
  if (target.dataset.seek !== undefined) { event.preventDefault(); seek(Number(target.dataset.seek), true); }
  else if ("playerToggle" in target.dataset) { if (audio().paused) audio().play()?.catch(() => {}); else audio().pause(); }
  else if (target.dataset.playerStep) seek(audio().currentTime + Number(target.dataset.playerStep), false);
  else seek(fromWave(target, event.clientX), !audio().paused);
});
// A finding leads to its line, and so to the second the line begins at; it does not begin to play by itself.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-findings], a[data-goto], .hit-note");
  if (!link || event.target.closest("[data-seek]") || !audio()) return;
  const id = link.dataset.goto ?? link.dataset.findings?.split(" ")[0] ?? link.dataset.hit;
  const note = id && document.getElementById(`finding-${id}`);
  const row = note?.dataset.line && document.getElementById(note.dataset.line);
  const own = note?.querySelector("[data-seek]")?.dataset.seek;
  const second = own ?? row?.dataset.at;
  if (second !== undefined) seek(Number(second), false);
});
document.addEventListener("change", (event) => { if (event.target.matches?.("[data-player-speed]")) audio().playbackRate = Number(event.target.value); });
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-wave]") || !audio()) return;
  const by = { ArrowLeft: -5, ArrowRight: 5, PageDown: -30, PageUp: 30 }[event.key];
  if (by) seek(audio().currentTime + by, false);
  else if (event.key === "Home") seek(0, false);
  else if (event.key === "End") seek(length(), false);
  else if (event.key === "Enter" || event.key === " ") box().querySelector("[data-player-toggle]")?.click();
  else return;
  event.preventDefault();
});
// Events of media do not bubble.
document.addEventListener("loadedmetadata", (event) => {
  if (event.target === audio() && wanted !== null) { event.target.currentTime = wanted; wanted = null; }
}, true);
document.addEventListener("timeupdate", (event) => { if (event.target === audio()) draw(event.target.currentTime); }, true);
for (const name of ["play", "pause", "ended"]) document.addEventListener(name, (event) => { if (event.target === audio()) told(); }, true);

const rest = audio();
if (rest) draw(0);
