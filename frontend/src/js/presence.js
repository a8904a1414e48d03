// Who else is here: the page gives a sign of life while it is in front, and shows the answer.
import { each } from "./words.js";

const EVERY = 20_000;
const QUIET = 6000;
let typing = false;
let quiet = 0;

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function here(box, gone = false) {
  const body = new URLSearchParams(gone ? { gone: "1" } : { typing: typing ? "1" : "0" });
  try {
    const answer = await fetch(box.dataset.presence, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, keepalive: gone });
    if (answer.status !== 200) return;
    const line = await answer.text();
    if (line.trim() !== box.dataset.shown) { box.dataset.shown = line.trim(); box.innerHTML = line; }
  } catch { /* The next sign of life tries again. */ }
}

function all(gone) {
  document.querySelectorAll("[data-presence]").forEach((box) => here(box, gone));
}

each("[data-presence]", (box) => { if (!box.dataset.armed) { box.dataset.armed = "1"; if (!document.hidden) here(box); } });
setInterval(() => { if (!document.hidden) all(false); }, EVERY);
document.addEventListener("visibilitychange", () => all(document.hidden));
addEventListener("pagehide", () => all(true));
document.addEventListener("kefu:presence", ({ detail }) => {
  for (const box of document.querySelectorAll("[data-presence]")) {
    if (!document.hidden && box.dataset.presence.includes(`/${detail.kind}s/${detail.id}/`)) here(box);
  }
});

function said(now) {
  clearTimeout(quiet);
  if (now) quiet = setTimeout(said, QUIET, false);
  if (now === typing) return;
  typing = now;
  all(false);
}
document.addEventListener("input", (event) => { if (event.target.matches?.("textarea, input[type=text]:not([role=combobox])") && event.target.closest("main")) said(true); });
document.addEventListener("submit", () => said(false));
