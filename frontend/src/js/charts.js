// Apache ECharts, only the kinds in use, in the colours of the tokens. Options come as JSON in a hidden box beside it.
import { BarChart, HeatmapChart, LineChart, PieChart } from "echarts/charts";
import { DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, HeatmapChart, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const drawn = new Map();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** "@good-fill" anywhere in the options stands for the colour token of that name. */
function coloured(value) {
  if (typeof value === "string") return value.startsWith("@") ? token(value.slice(1)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part)]));
  return value;
}

function axis(given, value) {
  const line = { lineStyle: { color: token("line") } };
  return { axisLine: { ...line, show: !value }, axisTick: { show: false }, axisLabel: { color: token("text-faint"), fontSize: 12 }, splitLine: { ...line, show: value }, ...given };
}

/** An axis with our looks, or a list of them: a chart may have one on either side. */
function axes(given, isValue) {
  return Array.isArray(given) ? given.map((one) => axis(one, isValue(one))) : axis(given, isValue(given));
}

const told = (box) => document.getElementById(box.dataset.chart).textContent;

/** Draw the chart of a box; again with other colours when the theme changes, with other figures when the page follows. */
export function draw(box) {
  const text = told(box);
  const options = coloured(JSON.parse(text));
  drawn.get(box)?.chart.dispose();
  const chart = init(box);
  drawn.set(box, { chart, text });
  chart.setOption({
    animation: false,
    color: ["accent-fill", "good-fill", "warn-fill", "bad-fill", "quiet-fill"].map(token),
    textStyle: { fontFamily: token("font"), color: token("text-soft") },
    grid: { left: 8, right: 12, top: 36, bottom: 4, containLabel: true },
    ...options,
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: token("text-soft") }, ...options.legend },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: token("surface-raised"), borderColor: token("line"), textStyle: { color: token("text"), fontSize: 13 }, ...options.tooltip },
    ...(options.xAxis && { xAxis: axes(options.xAxis, (one) => one.type === "value") }),
    ...(options.yAxis && { yAxis: axes(options.yAxis, (one) => one.type !== "category") }),
  });
  // A point opens its rows: the data item names the address.
  chart.on("click", (point) => { const to = point.data?.href; if (to?.startsWith("/")) location.assign(to); });
}

function again(wanted = () => true) {
  for (const [box, { chart, text }] of drawn) {
    if (!box.isConnected) { chart.dispose(); drawn.delete(box); }
    else if (wanted(box, text)) draw(box);
  }
}

document.addEventListener("htmx:afterSettle", () => again((box, text) => told(box) !== text));
document.addEventListener("kefu:theme", () => again());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => again());
new ResizeObserver(() => drawn.forEach(({ chart }, box) => box.isConnected && chart.resize())).observe(document.body);
