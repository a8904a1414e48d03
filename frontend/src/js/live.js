// Parts of a page that follow what others do. data-live="case:17 cases" names what an element is about; when that changes it gets the event
// "live", on which htmx fetches it again (hx-trigger="live"). data-live-every="5000": not more often than so many milliseconds.
import "./live-stream.js";

const TOGETHER = 150;
const LATER = 400;
const LOST = 3000;
const BACK = 2500;
const due = new Map();
let composing = false;
let lost = 0;

function about(element, { changes, all }) {
  if (all) return true;
  return element.dataset.live.split(" ").some((topic) => {
    const [kind, id] = topic.split(":");
    return changes.some((change) => (id ? change.kind === kind && (change.id === Number(id) || change.id === 0) : `${change.kind}s` === kind));
  });
}

// Not while somebody writes with an input method, has a dialog or menu open there, or waits for an answer of their own.
function busy(element) {
  return composing || element.querySelector("dialog[open], details.menu[open], .htmx-request") || element.matches(".htmx-request");
}

function refresh(element) {
  due.delete(element);
  if (!element.isConnected) return;
  if (document.hidden) { waiting.add(element); return; }
  if (busy(element)) { due.set(element, setTimeout(refresh, LATER, element)); return; }
  element.dataset.liveAt = Date.now();
  window.htmx.trigger(element, "live");
}

function schedule(element) {
  if (due.has(element)) return;
  const every = Number(element.dataset.liveEvery ?? 0);
  const since = Date.now() - Number(element.dataset.liveAt ?? 0);
  due.set(element, setTimeout(refresh, Math.max(TOGETHER, every - since), element));
}

const waiting = new Set();
document.addEventListener("kefu:live", (event) => {
  for (const element of document.querySelectorAll("[data-live]")) if (about(element, event.detail)) schedule(element);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  waiting.forEach(schedule);
  waiting.clear();
});
document.addEventListener("compositionstart", () => { composing = true; });
document.addEventListener("compositionend", () => { composing = false; });

// What a part shows already is not drawn again: it says what it has seen, and the server answers 204 when that is all.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.triggeringEvent?.type !== "live") return;
  const mark = event.detail.elt.querySelector("[data-live-mark]");
  event.detail.headers["X-Kefu-Live"] = mark?.dataset.liveMark ?? "-";
});

// The bar: after three seconds without the stream, and a word when it is back.
function bar() { return document.getElementById("connection"); }
document.addEventListener("kefu:stream", ({ detail }) => {
  clearTimeout(lost);
  const box = bar();
  if (!box) return;
  if (!detail.up) { if (box.hidden || box.dataset.back !== undefined) lost = setTimeout(() => { delete box.dataset.back; box.hidden = false; }, LOST); return; }
  if (box.hidden || box.dataset.back !== undefined) return;
  box.dataset.back = "";
  setTimeout(() => { if (box.dataset.back !== undefined) { box.hidden = true; delete box.dataset.back; } }, BACK);
});

function news(box, what) {
  box.dataset.news = what;
  box.hidden = false;
}
// Fresh counts that differ for the view on screen: rows came or went.
const counted = () => document.querySelector("#case-tabs [aria-current] .count")?.textContent;
let before = counted();
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "case-tabs") { before = counted(); return; }
  const box = document.querySelector("[data-live-news]");
  if (box?.hidden && counted() !== before) news(box, "list");
});

// A list does not move under the hand: rows that changed are counted, and the reader takes the news when they like.
document.addEventListener("kefu:live", ({ detail }) => {
  for (const box of document.querySelectorAll("[data-live-news]")) {
    const kind = box.dataset.liveNews;
    const shown = new Set([...document.querySelectorAll(`[data-live-row^="${kind}:"]`)].map((row) => row.dataset.liveRow));
    const seen = new Set((box.dataset.seen ?? "").split(" ").filter(Boolean));
    for (const change of detail.changes) {
      if (change.kind !== kind) continue;
      if (change.id === 0) shown.forEach((row) => seen.add(row));
      else if (shown.has(`${kind}:${change.id}`)) seen.add(`${kind}:${change.id}`);
    }
    box.dataset.seen = [...seen].join(" ");
    if (!seen.size) continue;
    box.querySelector("[data-count]").textContent = seen.size;
    news(box, "rows");
  }
});
