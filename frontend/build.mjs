// Builds the console's style sheet, script, chart chunk and icon sprite into the package's static folder.
// Run through build.py, which finds Node and skips the work when nothing changed.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = ["chrome100", "edge100", "firefox102", "safari15.4"];
const out = join(here, "..", "src", "kefu", "console", "static", "dist");
// A folder of its own: two builds at once do not write over each other.
await mkdir(dirname(out), { recursive: true });
const fresh = await mkdtemp(`${out}.fresh-`);
const read = (...path) => readFile(join(here, ...path), "utf8");

/** One sheet: tokens, both themes, the chosen parts of Tabler in a layer of their own, then ours, which so always wins. */
async function styles() {
  const tokens = await read("src", "css", "tokens.css");
  const dark = (await read("src", "css", "dark.css")).match(/\{([\s\S]*)\}/)[1];
  const themes = `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${dark}} }\n:root[data-theme="dark"] {${dark}}`;
  const tabler = sass.compile(join(here, "src", "css", "tabler.scss"), {
    loadPaths: [join(here, "node_modules", "@tabler", "core", "scss")],
    logger: sass.Logger.silent,
  }).css.replace(/^@charset.*?;|^\uFEFF/, "");
  const ours = await esbuild.build({ entryPoints: [join(here, "src", "css", "console.css")], bundle: true, write: false });
  const all = `@layer tabler;\n@layer tabler {\n${tabler}\n}\n${tokens}\n${themes}\n${ours.outputFiles[0].text}`;
  const { code } = await esbuild.transform(all, { loader: "css", minify: true, target, legalComments: "none" });
  await writeFile(join(fresh, "console.css"), `/* Includes parts of Tabler and Bootstrap (MIT). */\n${code}`);
}

async function scripts() {
  await esbuild.build({
    entryPoints: { console: join(here, "src", "js", "main.js"), charts: join(here, "src", "js", "charts.js") },
    bundle: true, minify: true, format: "esm", target, outdir: fresh, legalComments: "none",
    banner: { js: "/* Includes htmx, idiomorph (0BSD) or Apache ECharts (Apache-2.0). */" },
  });
}

/** Icons by the meaning the console gives them, as symbols of one file. */
async function icons() {
  const names = JSON.parse(await read("icons.json"));
  const symbols = await Promise.all(Object.entries(names).map(async ([name, source]) => {
    const svg = await read("node_modules", "@tabler", "icons", "icons", "outline", `${source}.svg`);
    const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`;
  }));
  await writeFile(join(fresh, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT -->${symbols.join("")}</svg>\n`);
}

await Promise.all([styles(), scripts(), icons()]);
for (const name of ["console.css", "console.js", "icons.svg", "charts.js"]) {
  const bytes = await readFile(join(fresh, name));
  console.log(`${name.padEnd(12)} ${(bytes.length / 1000).toFixed(0).padStart(5)} kB, compressed ${(gzipSync(bytes, { level: 9 }).length / 1000).toFixed(0).padStart(4)} kB`);
}
await rm(out, { recursive: true, force: true });
await rename(fresh, out);
