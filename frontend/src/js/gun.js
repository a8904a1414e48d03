// The scanning gun: one field that keeps the focus; every number is sent at once, in its order, and answered by a row, a word and a sound.
const form = document.querySelector("[data-gun]");
const MUTE = "kefu.gun.mute";
const MOST = 50;
const AGAIN = 3000;

if (form) {
  const input = form.querySelector(".gun-input");
  const rows = document.querySelector("[data-gun-rows]");
  const answer = document.querySelector("[data-gun-answer]");
  const mute = form.querySelector("[data-gun-mute]");
  const waiting = [];
  let sending = false;
  let audio = null;

  const muted = () => { try { return localStorage.getItem(MUTE) === "1"; } catch { return false; } };
  const showMute = () => mute.setAttribute("aria-pressed", String(muted()));
  mute.addEventListener("click", () => {
    try { localStorage.setItem(MUTE, muted() ? "" : "1"); } catch { /* private window: the sound stays on */ }
    showMute();
    input.focus();
  });
  showMute();

  /** One high beep: taken. Two: taken, mind what it says. A long low one: not taken. */
  const SOUNDS = { ok: [[1050, 0, 0.07]], warn: [[700, 0, 0.09], [700, 0.14, 0.09]], refused: [[190, 0, 0.45]] };
  function sound(tone) {
    if (muted()) return;
    try {
      audio ??= new AudioContext();
      audio.resume?.();
      for (const [pitch, start, length] of SOUNDS[tone] ?? SOUNDS.refused) {
        const tune = audio.createOscillator();
        const loud = audio.createGain();
        const at = audio.currentTime + start;
        tune.type = tone === "refused" ? "sawtooth" : "sine";
        tune.frequency.value = pitch;
        loud.gain.setValueAtTime(0.18, at);
        loud.gain.exponentialRampToValueAtTime(0.001, at + length);
        tune.connect(loud).connect(audio.destination);
        tune.start(at);
        tune.stop(at + length);
      }
    } catch { /* no sound here: colour and word remain */ }
  }

  function part(name, text) {
    const box = document.createElement("span");
    box.className = name;
    box.textContent = text;
    return box;
  }

  function tell(tone, word, number, said = []) {
    answer.className = `gun-answer gun-${tone}`;
    answer.replaceChildren(part("gun-answer-word", word), part("gun-answer-number mono", number), ...said.map((text) => part("gun-answer-said", text)));
  }

  function placeholder(number) {
    const row = document.createElement("li");
    row.className = "gun-row gun-waiting";
    row.append(part("gun-mark", "…"), part("gun-number mono", number), part("gun-word", form.dataset.gunWaiting), part("gun-said", ""));
    rows.prepend(row);
    document.querySelector("[data-gun-none]")?.remove();
    while (rows.children.length > MOST) rows.lastElementChild.remove();
    return row;
  }

  /** The server's answer takes the place of the row that waited. */
  function take(shot, html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    const counts = box.content.querySelector("[data-gun-counts]");
    if (counts) document.querySelector("[data-gun-counts]")?.replaceWith(counts);
    const row = box.content.querySelector(".gun-row");
    if (!row) return;
    shot.row.replaceWith(row);
    const said = [...row.querySelectorAll(".gun-notice")].map((one) => one.textContent);
    tell(row.dataset.tone, row.querySelector(".gun-word").textContent, shot.number, said);
    sound(row.dataset.tone);
  }

  function lose(shot, why) {
    shot.row.className = "gun-row gun-refused";
    shot.row.querySelector(".gun-word").textContent = form.dataset.gunLost;
    shot.row.querySelector(".gun-said").textContent = why;
    tell("refused", form.dataset.gunLost, shot.number, [why]);
    sound("refused");
  }

  /** The words of a refusal of the whole request: the session was closed elsewhere, the right was taken away. */
  function reason(html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    return (box.content.querySelector(".toast-text") ?? box.content.querySelector("h1, p"))?.textContent.trim() ?? "";
  }

  async function pump() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const shot = waiting[0];
      try {
        const body = new FormData(form);
        body.set("number", shot.number);
        const reply = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
        if (reply.headers.get("HX-Redirect")) { location.assign(reply.headers.get("HX-Redirect")); return; }
        if (reply.status >= 500 || reply.status === 429) throw new Error(String(reply.status));
        if (reply.ok) take(shot, await reply.text());
        else lose(shot, reason(await reply.text()) || `${reply.status}`);
        waiting.shift();
      } catch {
        // Off line or the server is restarting: the number is not lost, it is sent again.
        shot.row.querySelector(".gun-word").textContent = form.dataset.gunFailed;
        tell("warn", form.dataset.gunFailed, shot.number);
        sound("warn");
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    }
    sending = false;
  }

  function shoot() {
    const number = input.value.trim();
    input.value = "";
    if (!number) return;
    waiting.push({ number, row: placeholder(number) });
    pump();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); shoot(); input.focus(); }, true);
  // Some guns end a number with Tab.
  input.addEventListener("keydown", (event) => { if (event.key === "Tab" && !event.shiftKey && input.value.trim()) { event.preventDefault(); shoot(); } });
  // What a gun types while nothing has the focus belongs into the field.
  document.addEventListener("keydown", (event) => {
    if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (/[\dA-Za-z]/.test(event.key)) input.focus();
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, input, select, textarea, summary, label, details[open], [tabindex]")) input.focus();
  });
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });

  // Taking back: the row changes in place.
  rows.addEventListener("submit", async (event) => {
    const undo = event.target.closest(".gun-undo");
    if (!undo) return;
    event.preventDefault();
    event.stopPropagation();
    const reply = await fetch(undo.action, { method: "POST", body: new FormData(undo), headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!reply?.ok) { undo.submit(); return; }
    const box = document.createElement("template");
    box.innerHTML = await reply.text();
    const row = box.content.querySelector(".gun-row");
    if (row) undo.closest(".gun-row").replaceWith(row);
    input.focus();
  });
}
