// Typed text outlives an expired session. Before the page leaves for the sign-in page the fields are put aside in this tab;
// they come back only for the same person on the same page, and are thrown away on any other way out.
import { say } from "./words.js";
import { toast } from "./toasts.js";

const STORE = "kefu:typed";
const who = document.documentElement.dataset.actor ?? "";

function fields() {
  return [...document.querySelectorAll("main textarea[name], main input[name], main select[name]")]
    .filter((field) => !["password", "hidden", "file", "submit", "checkbox", "radio"].includes(field.type));
}

function changed(field) {
  return field.tagName === "SELECT" ? [...field.options].some((option) => option.selected !== option.defaultSelected) : field.value !== field.defaultValue;
}

function address(field) {
  return `${field.form?.id || field.form?.getAttribute("action") || ""}|${field.name}`;
}

/** Put aside what was typed on this page. */
export function keep() {
  const values = {};
  for (const field of fields()) if (changed(field)) values[address(field)] = field.value;
  if (Object.keys(values).length) sessionStorage.setItem(STORE, JSON.stringify({ who, path: location.pathname, values }));
}

function bringBack() {
  const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
  if (!stored || document.querySelector("[data-signed-out]")) return;
  sessionStorage.removeItem(STORE);
  if (stored.who !== who || stored.path !== location.pathname || !document.referrer.includes("/sign-in")) return;
  let count = 0;
  for (const field of fields()) {
    const value = stored.values[address(field)];
    if (value !== undefined && value !== field.value) { field.value = value; count += 1; }
  }
  if (count) toast(say("restored"), "good");
}

document.addEventListener("submit", (event) => { if (event.target.method === "post" && who) keep(); });
bringBack();
