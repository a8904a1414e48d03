// The style page: contrast of pairs of colours, from what the browser really shows in the theme in hand.
import { each } from "./words.js";

function light(colour) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...probe.getImageData(0, 0, 1, 1).data].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function measure(row) {
  const style = getComputedStyle(document.documentElement);
  const [ink, ground] = row.dataset.contrast.split(" ").map((name) => style.getPropertyValue(`--${name}`).trim());
  const sample = row.querySelector(".contrast-sample");
  sample.style.color = ink;
  sample.style.backgroundColor = ground;
  const [more, less] = [light(ink), light(ground)].sort((one, other) => other - one);
  const ratio = (more + 0.05) / (less + 0.05);
  const box = row.querySelector("[data-ratio]");
  box.textContent = ratio.toFixed(2);
  row.toggleAttribute("data-low", ratio < Number(row.dataset.least));
}

each("[data-contrast]", measure);
document.addEventListener("kefu:theme", () => document.querySelectorAll("[data-contrast]").forEach(measure));
