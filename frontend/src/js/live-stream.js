// The stream of what changed elsewhere: one per browser where the browser can lead tabs, else one per window in front.
// It goes on from the number it has reached, so nothing is missed over a lost network, a hidden tab or a new server.
import { keep } from "./drafts.js";

const page = document.documentElement.dataset;
const SILENT = 40_000;
const HIDDEN = 20_000;
const REMEMBERED = 500;
const channel = page.liveStream && "BroadcastChannel" in window ? new BroadcastChannel(`kefu:live:${page.actor}`) : null;

let last = Number(page.liveSince ?? 0);
let source = null;
let release = null;
let heard = 0;
let tries = 0;
let timer = 0;
let away = 0;
let told = [];
const first = last;
const me = Math.random();

function fire(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

function state(up) {
  fire("kefu:stream", { up });
}

// What came is for this page when it is newer than the page; others of this browser take it from the leader.
function take(kind, seq, data) {
  if (kind === "signed-out") { leave(); return; }
  if (kind === "presence") { fire("kefu:presence", data); return; }
  if (kind === "reset") { last = seq; fire("kefu:live", { changes: [], all: true }); return; }
  const fresh = (data.changes ?? []).filter((change) => change.seq > last);
  if (seq > last) last = seq;
  if (fresh.length) fire("kefu:live", { changes: fresh, all: false });
}

// The session is over: what was typed is put aside, and loading the page again leads to the sign-in page and back.
function leave() {
  close();
  // A form that is on its way leads further by itself; loading the page now would throw its answer away.
  if (document.querySelector("form[data-sent]")) return;
  if (Date.now() - Number(sessionStorage.getItem("kefu:left") ?? 0) < 30_000) return;
  sessionStorage.setItem("kefu:left", String(Date.now()));
  keep();
  location.reload();
}

function hand(kind, event) {
  heard = Date.now();
  const data = JSON.parse(event.data || "{}");
  const seq = data.seq ?? Number(event.lastEventId || last);
  if (kind === "hello" && last === 0) last = seq;
  if (data.changes) { told.push(...data.changes); told = told.slice(-REMEMBERED); }
  take(kind, seq, data);
  channel?.postMessage({ kind, seq, data });
}

function close() {
  source?.close();
  source = null;
  clearTimeout(timer);
}

function open() {
  close();
  heard = Date.now();
  source = new EventSource(`${page.liveStream}?since=${last}`);
  source.onopen = () => { tries = 0; state(true); channel?.postMessage({ kind: "up" }); };
  source.onmessage = (event) => hand("changes", event);
  for (const kind of ["hello", "beat", "reset", "presence", "signed-out"]) source.addEventListener(kind, (event) => hand(kind, event));
  // Too many windows of one person: this one rests until somebody looks at it again.
  source.addEventListener("closed", () => { close(); addEventListener("focus", begin, { once: true }); });
  source.onerror = again;
}

function again() {
  close();
  state(false);
  channel?.postMessage({ kind: "down" });
  tries += 1;
  const wait = Math.min(500 * 2 ** tries, 15_000) * (0.5 + Math.random());
  timer = setTimeout(open, tries === 1 ? 300 * Math.random() : wait);
}

function lead() {
  return new Promise((resolve) => { release = resolve; open(); });
}

function begin() {
  if (source || release) return;
  if (!channel || !navigator.locks) { release = () => {}; open(); return; }
  const asked = new AbortController();
  release = () => asked.abort();
  navigator.locks.request(`kefu:live:${page.actor}`, { signal: asked.signal }, lead).catch(() => {});
  // Another window leads: it says what this page has missed.
  channel.postMessage({ kind: "join", me, seq: last });
}

function rest() {
  close();
  const done = release;
  release = null;
  done?.();
}

channel?.addEventListener("message", ({ data: said }) => {
  if (said.kind === "join") {
    if (!source) return;
    const all = said.seq < (told.length < REMEMBERED ? first : told[0].seq);
    channel.postMessage({ kind: "catch-up", to: said.me, seq: last, changes: told.filter((change) => change.seq > said.seq), all });
    channel.postMessage({ kind: source.readyState === EventSource.OPEN ? "up" : "down" });
  } else if (source) {
    // The leader hears only itself.
  } else if (said.kind === "up" || said.kind === "down") {
    state(said.kind === "up");
  } else if (said.kind === "catch-up") {
    if (said.to !== me) return;
    last = Math.max(last, said.seq);
    if (said.all || said.changes.length) fire("kefu:live", { changes: said.changes, all: said.all });
  } else {
    take(said.kind, said.seq, said.data);
  }
});

// Half-open connections say nothing: silence beyond two signs of life is a loss.
setInterval(() => { if (source && Date.now() - heard > SILENT) again(); }, 5000);
addEventListener("offline", () => { if (source) again(); });
addEventListener("online", () => { if (release && !source) { tries = 0; open(); } else if (source) { tries = 0; open(); } });
addEventListener("pagehide", rest);
addEventListener("pageshow", (event) => { if (event.persisted && page.liveStream) begin(); });
document.addEventListener("visibilitychange", () => {
  clearTimeout(away);
  if (!page.liveStream) return;
  if (document.hidden) away = setTimeout(rest, HIDDEN);
  else begin();
});
if (page.liveStream && !document.hidden) begin();
