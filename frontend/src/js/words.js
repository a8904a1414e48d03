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

/** Run once for every element that matches, now or when a swap by htmx brings it; morphing keeps elements, and what was done to them. */
export function each(selector, act) {
  const met = new WeakSet();
  always(selector, (element) => { if (!met.has(element)) { met.add(element); act(element); } });
}

/** Run for every element that matches, now and again after each swap around it: for what depends on the content. */
export function always(selector, act) {
  const scan = (root) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll?.(selector).forEach(act);
  };
  scan(document);
  document.addEventListener("htmx:load", (event) => scan(event.target));
}
