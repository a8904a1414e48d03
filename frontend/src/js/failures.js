// Failures of the script itself go to the server's log: what and where, never what stands on the page. Each once, a few a page, a quiet
// word to the reader. Browsers' own noise and failures of extensions are not ours.
import { say } from "./words.js";
import { toast } from "./toasts.js";

const NOISE = /^ResizeObserver loop|^Script error\.?$|AbortError|NetworkError|Failed to fetch|Load failed/;
const known = new Set();
let left = 5;
let told = false;

/** Numbers of parcels, phones and cases are in texts of errors too: none leaves the page. */
function bare(text) {
  return String(text ?? "").replace(/[^\s/]*@[^\s/]*|\d{4,}/g, "…").replace(/(["'`])(?:(?!\1).){12,}\1/g, "$1…$1").replace(/[\u3400-\u9fff]{2,}/g, "…");
}
/** The path with names of things taken out, the place in our own file. */
function place(file, line) {
  const path = location.pathname.replace(/\d+|[0-9A-Z]{8,}/gi, (found) => (/\d/.test(found) ? ":id" : found));
  return `${path} ${String(file ?? "").split("/").pop().split("?")[0]}:${line ?? ""}`;
}

function report(message, where, stack) {
  const address = document.documentElement.dataset.failures;
  const text = bare(message).slice(0, 300);
  if (!address || NOISE.test(String(message)) || known.has(text + where) || left <= 0) return;
  known.add(text + where);
  left -= 1;
  const body = new FormData();
  body.set("message", text);
  body.set("where", where.slice(0, 200));
  body.set("stack", bare(stack).slice(0, 1500));
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
  if (!told) { told = true; toast(say("script_failed"), "warn"); }
}

const ours = (file) => !file || file.startsWith(location.origin);
window.addEventListener("error", (event) => { if (event.message && ours(event.filename)) report(event.message, place(event.filename, event.lineno), event.error?.stack); });
window.addEventListener("unhandledrejection", (event) => {
  const reason = event.reason;
  if (reason?.name === "AbortError") return;
  report(reason?.message ?? reason, place("promise"), reason?.stack);
});
