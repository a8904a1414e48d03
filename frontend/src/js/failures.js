// Failures of the script itself go to the server's log, a few per page.
let left = 5;

function report(message, where, stack) {
  const address = document.documentElement.dataset.failures;
  if (!address || left-- <= 0) return;
  const body = new FormData();
  body.set("message", String(message).slice(0, 500));
  body.set("where", `${location.pathname} ${where ?? ""}`.slice(0, 300));
  body.set("stack", String(stack ?? "").slice(0, 2000));
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
}

window.addEventListener("error", (event) => report(event.message, `${event.filename}:${event.lineno}`, event.error?.stack));
window.addEventListener("unhandledrejection", (event) => report(event.reason?.message ?? event.reason, "promise", event.reason?.stack));
