// Copies the text of data-copy. Stations open the console by plain HTTP in their network, where the clipboard interface is missing.
import { say } from "./words.js";

/** Put a text on the clipboard. */
export async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Missing, or refused by the browser: the old way.
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  await put(button.dataset.copy);
  button.dataset.copied = "";
  document.getElementById("announce").textContent = say("copied", { text: button.dataset.copy });
  setTimeout(() => delete button.dataset.copied, 1500);
});
