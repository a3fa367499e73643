// The cockpit: moves, one step back, counts that follow the class, a link for another device.
import { ask, askHtml, isGone } from "./http.js";
import { watch } from "./live.js";
import { api, post, say, sayRefused, told } from "./say.js";

export function startCockpit() {
  const now = document.getElementById("now");
  let drawing = Promise.resolve();

  const version = () => Number(now.querySelector(".cockpit").dataset.version);

  function draw() {
    drawing = drawing.then(async () => {
      const answer = await askHtml(api("/fragment/cockpit"));
      if (answer.ok) put(answer.text);
      else if (isGone(answer)) location.reload();
    });
    return drawing;
  }

  function put(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const same = Number(fresh.content.querySelector(".cockpit").dataset.version) === version();
    if (same) follow(fresh.content);
    else replace(fresh.content);
  }

  // While the class grades only the counts change; nothing that has the focus is touched.
  function follow(content) {
    for (const live of content.querySelectorAll("[data-live]")) {
      const shown = document.getElementById(live.id);
      if (!shown) continue;
      if (shown.textContent !== live.textContent) shown.textContent = live.textContent;
      shown.hidden = live.hidden;
    }
  }

  function replace(content) {
    const focused = document.activeElement?.closest("#now") ? document.activeElement.id : "";
    const open = [...now.querySelectorAll("details")].map((one) => [one.id, one.open]);
    now.replaceChildren(content);
    for (const [id, isOpen] of open) document.getElementById(id)?.toggleAttribute("open", isOpen);
    if (focused) (document.getElementById(focused) ?? document.getElementById("next"))?.focus();
  }

  async function act(path, body, words) {
    const answer = await ask("POST", api(path), body);
    await draw();
    if (answer.ok) say(words);
    else sayRefused(answer);
  }

  now.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-disabled")) return;
    if (button.id === "undo") act("/undo", { version: version() }, told.words.undone);
    else if (button.dataset.move) {
      const move = JSON.parse(button.dataset.move);
      act("/move", { move, version: version() }, told.words.moved);
    }
  });

  document.getElementById("make-link").addEventListener("click", makeLink);
  let lost = false;
  watch({
    session: told.session,
    role: "teacher",
    version: told.more.version,
    onVersion: draw,
    onLink(reached) {
      if (reached === !lost) return;
      lost = !reached;
      say(lost ? told.words.lost : told.words.back);
      if (reached) draw();
    },
    onGone: () => location.reload(),
  });
}

async function makeLink() {
  const made = await post(api("/links"), {});
  if (!made) return;
  const shown = document.getElementById("made-link-url");
  shown.href = shown.textContent = made.url;
  document.getElementById("made-link-qr").innerHTML = made.qr;
  document.getElementById("made-link").hidden = false;
  shown.focus();
}
