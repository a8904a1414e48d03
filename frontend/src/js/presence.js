// Who else is here: the page gives a sign of life while it is in front, and shows the answer.
import { each } from "./words.js";

const EVERY = 20_000;
const QUIET = 6000;
const PATIENCE = 1500;
const flying = new Map();
let listening = !document.documentElement.dataset.liveStream;
let typing = false;
let quiet = 0;

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

function post(box, values, keepalive = false) {
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  return fetch(box.dataset.presence, { method: "POST", body: new URLSearchParams(values), headers, keepalive });
}

async function sign(box) {
  try {
    const answer = await post(box, { typing: typing ? "1" : "0" });
    if (answer.status !== 200) return;
    const line = await answer.text();
    if (line.trim() !== box.innerHTML.trim()) box.innerHTML = line;
  } catch { /* The next sign of life tries again. */ }
}

// One sign at a time: two on their way could overtake each other, and the older word would stand. What changed meanwhile is said next.
async function here(box) {
  if (flying.has(box)) { flying.set(box, true); return; }
  do {
    flying.set(box, false);
    await sign(box);
  } while (flying.get(box) && box.isConnected && !document.hidden);
  flying.delete(box);
}

const boxes = () => [...document.querySelectorAll("[data-presence]")];
const all = () => { if (!document.hidden) boxes().forEach(here); };
const leave = () => boxes().forEach((box) => post(box, { gone: "1" }, true).catch(() => {}));

// News of who is here is not kept for a stream that was away: ask when it is there, the first time too, or when it takes too long.
document.addEventListener("kefu:stream", ({ detail }) => { listening = detail.up; if (detail.up) all(); });
each("[data-presence]", (box) => {
  if (listening) { if (!document.hidden) here(box); return; }
  setTimeout(() => { if (!listening && !document.hidden) here(box); }, PATIENCE);
});
setInterval(all, EVERY);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : all()));
addEventListener("pagehide", leave);
document.addEventListener("kefu:presence", ({ detail }) => {
  if (!document.hidden) boxes().filter((box) => box.dataset.presence.includes(`/${detail.kind}s/${detail.id}/`)).forEach(here);
});

function said(now) {
  clearTimeout(quiet);
  if (now) quiet = setTimeout(said, QUIET, false);
  if (now === typing) return;
  typing = now;
  all();
}
document.addEventListener("input", (event) => { if (event.target.matches?.("textarea, input[type=text]:not([role=combobox])") && event.target.closest("main")) said(true); });
document.addEventListener("submit", () => said(false));
