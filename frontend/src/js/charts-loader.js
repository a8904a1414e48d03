// Charts are a file of their own, fetched only when a chart is on the page.
import { each } from "./words.js";

let loading;

each("[data-chart]", (box) => {
  loading ??= import(document.documentElement.dataset.charts);
  loading.then((charts) => charts.draw(box));
});
