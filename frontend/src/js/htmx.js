// htmx with what the strict policy and unreliable networks need.
import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { keep } from "./drafts.js";
import { show } from "./floats.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

window.htmx = htmx;
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  // Pages hold personal data: no copy of them in the browser's storage.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  timeout: 20_000,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

// What the script fills (data-filled, with what it is filled for) and folds kept on this computer are not the server's to change.
const isFilled = (old, fresh) => old.matches?.("[data-filled]") && old.dataset.filled === fresh.dataset?.filled;
const OWN = {
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches?.("details[data-fold]")),
  beforeNodeMorphed: (old, fresh) => !isFilled(old, fresh),
};
// When others cause a swap, what the reader opened stays open, older entries they loaded stay, and parts marked data-live-keep are left alone.
const LIVE = {
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches?.("details, dialog")),
  beforeNodeMorphed: (old, fresh) => !old.matches?.("[data-live-keep]") && !isFilled(old, fresh),
  beforeNodeRemoved: (node) => !node.parentElement?.closest?.("[data-live-grows]"),
  beforeNodeAdded: (node) => !node.matches?.(".timeline-more"),
};
let fromOthers = false;
document.addEventListener("htmx:beforeSwap", (event) => { fromOthers = event.detail.requestConfig?.triggeringEvent?.type === "live"; });

// hx-swap="morph" keeps focus, selection and scroll of what did not change.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style.startsWith("morph"),
  handleSwap: (style, target, fragment) => {
    if (!style.startsWith("morph")) return false;
    const inner = style === "morph:innerHTML";
    return Idiomorph.morph(target, fragment.children.length && !inner ? fragment.children : fragment.childNodes, { morphStyle: inner ? "innerHTML" : "outerHTML", ignoreActiveValue: true, callbacks: fromOthers ? LIVE : OWN });
  },
});

function cookie(name) {
  return document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

document.addEventListener("htmx:configRequest", (event) => {
  // Read at the moment of sending: signing in again in another tab changes it.
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

// Signed out: keep what was typed, then go to the sign-in page and come back here.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401) return;
  event.preventDefault();
  keep();
  location.assign(event.detail.xhr.getResponseHeader("HX-Redirect") ?? "/sign-in");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  // A refusal of our own brings its toast; a bare failure of something in between does not.
  if (event.detail.xhr.getResponseHeader("X-Kefu-Error")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", (event) => toast(say("server_failed", { status: event.detail.xhr.status }), "bad"));

function connection(lost) {
  const bar = document.getElementById("connection");
  if (bar) bar.hidden = !lost;
}

async function probe() {
  try {
    await fetch(document.documentElement.dataset.probe, { cache: "no-store" });
    connection(false);
  } catch {
    setTimeout(probe, 3000);
  }
}

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => { connection(true); setTimeout(probe, 3000); });
}
document.addEventListener("htmx:afterOnLoad", () => connection(false));
window.addEventListener("offline", () => connection(true));
window.addEventListener("online", probe);

// hx-confirm in a dialog of our own.
document.addEventListener("htmx:confirm", (event) => {
  const dialog = document.getElementById("confirm");
  if (!event.detail.question || !dialog) return;
  event.preventDefault();
  dialog.querySelector("[data-question]").textContent = event.detail.question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") event.detail.issueRequest(true); }, { once: true });
  show(dialog);
});
