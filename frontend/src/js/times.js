// Keeps relative times true while the page stays open. Same words as console/times.py.
import { now, say } from "./words.js";

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const seconds = (now() - Date.parse(element.dateTime)) / 1000;
    const minutes = Math.floor(Math.abs(seconds) / 60);
    if (Math.abs(seconds) < 60) element.textContent = say("just_now");
    else if (minutes < 60) element.textContent = say(seconds > 0 ? "minutes_ago" : "in_minutes", { count: minutes });
    else if (seconds > 0) {
      element.textContent = element.dataset.relative;
      element.removeAttribute("data-relative");
    }
  }
}

setInterval(refresh, 20_000);
