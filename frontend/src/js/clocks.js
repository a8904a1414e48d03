// Live clocks: the remaining time ticks, and the state goes from running to warn to breached. Same words as console/times.py.
import { now, say } from "./words.js";

/** A span in words, as ``times.duration`` of the server says it. */
export function duration(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days) return hours ? say("days_hours", { days, hours }) : say("days", { days });
  if (hours) return minutes ? say("hours_minutes", { hours, minutes }) : say("hours", { hours });
  if (minutes >= 10) return say("minutes", { minutes });
  if (minutes) return say("minutes_seconds", { minutes, seconds: seconds % 60 });
  return say("seconds", { seconds });
}

const ICON = { running: "clock", warn: "time", breached: "clock-late" };

function tick() {
  const at = now();
  for (const clock of document.querySelectorAll(".clock[data-due]")) {
    const due = Date.parse(clock.dataset.due);
    const left = Math.floor(Math.abs(due - at) / 1000);
    const state = at >= due ? "breached" : clock.dataset.warn && at >= Date.parse(clock.dataset.warn) ? "warn" : "running";
    const text = say(state === "breached" ? "clock_over" : "clock_left", { time: duration(left) });
    const part = clock.querySelector(".clock-left");
    if (part.textContent !== text) part.textContent = text;
    if (clock.dataset.state !== state) {
      clock.dataset.state = state;
      const use = clock.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICON[state]}`));
      clock.querySelector(".clock-state").textContent = say(`clock_${state}`);
      clock.dispatchEvent(new CustomEvent("kefu:clock", { bubbles: true, detail: { state } }));
    }
  }
}

setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", tick);
