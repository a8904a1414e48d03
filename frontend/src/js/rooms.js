// The row of systems is longer than a phone is wide: the one in hand is brought into sight.
import { each } from "./words.js";

each(".room-tabs [aria-current]", (tab) => {
  const row = tab.closest("ul");
  row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
});
