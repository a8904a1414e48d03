// Entry of the console's script. Every module works by attributes in the page; pages hold no script of their own.
import "./htmx.js";
import "./theme.js";
import "./times.js";
import "./clocks.js";
import "./copy.js";
import "./floats.js";
import "./toasts.js";
import "./bulk.js";
import "./keys.js";
import "./palette.js";
import "./drafts.js";
import "./composer.js";
import "./submit.js";
import "./charts-loader.js";
import "./cases.js";
import "./hits.js";
import "./handbooks.js";
import "./live.js";
import "./presence.js";
import "./calls.js";
import "./contrast.js";
import "./failures.js";

document.documentElement.dataset.js = "";
