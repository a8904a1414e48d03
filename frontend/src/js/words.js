// Words and settings the server put into the page, in the language of the page.
const source = document.getElementById("kefu-words");
const words = source ? JSON.parse(source.textContent) : {};

/** The sentence of a key, with %(name)s placeholders filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

const page = document.documentElement.dataset;
const skew = page.now ? Date.parse(page.now) - Date.now() : 0;

/** Now by the server's clock, in milliseconds; the computer's own may be wrong. */
export function now() {
  return Date.now() + skew;
}

/** Run for every element that matches, now and after each swap by htmx. */
export function each(selector, act) {
  const scan = (root) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll?.(selector).forEach(act);
  };
  scan(document);
  document.addEventListener("htmx:load", (event) => scan(event.target));
}
