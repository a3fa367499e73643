// A pupil's page of a lesson with a server.
import { counted, fill, pageData } from "./entry.js";
import { bindDialogs, makeScreens } from "./screens.js";
import { mountCases, setText } from "./cases.js";
import { ask, askHtml, isGone } from "./http.js";
import { watch } from "./live.js";
import { makeSync } from "./sync.js";

const page = pageData("page"), words = pageData("words");
const session = page.session, memory = `classroom.${session}`;
const SHOWN = ["class", "commentary", "talk", "second", "judges", "employer", "done"];
let view = page.view, linked = true, wasOff = false, loaded = "", nTold = 0;

const sync = makeSync({ session, ballots: view.ballots, onState: drawLink, onGone: gone });
const book = {
  mode(id) {
    const phase = view.phases[id], running = view.stage === "cases";
    const second = phase === "second" || Object.keys(sync.grades(id, 2)).length > 0;
    return {
      open: running && (phase === "open" || phase === "second"),
      vote: second ? 2 : 1,
      texts: phase !== "closed",
      phase: running || phase === "closed" ? phase : "over",
    };
  },
  grades: sync.grades,
  put: sync.put,
  confirmed: () => recall("confirmed") === "yes",
  confirm: () => remember("confirmed", "yes"),
};
const screens = makeScreens(onShow);
const cases = mountCases({ page, words, book, go: screens.go });

bindDialogs();
drawRecovery();
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
screens.begin();
draw();
drawLink(sync.state());
watch({
  session,
  role: "pupil",
  version: view.version,
  onVersion: reload,
  onLink(up) {
    linked = up;
    if (up) sync.retry();
    drawLink(sync.state());
  },
  onGone: gone,
});

async function reload() {
  const answer = await ask("GET", `/api/${session}/pupil`);
  if (isGone(answer)) return gone();
  if (!answer.ok) return void setTimeout(reload, 3000);
  const before = view;
  view = answer.json;
  sync.take(view.ballots);
  draw();
  follow(before);
}

function draw() {
  cases.refresh();
  for (const part of document.querySelectorAll("[data-when]"))
    part.hidden = (part.dataset.when === "lobby") !== (view.stage === "lobby");
  for (const { id, section } of cases.cases) placeReveal(id, section);
  drawCall();
  loadFragment();
}

/** What the class knows comes first, except while the case is graded again. */
function placeReveal(id, section) {
  const reveal = section.querySelector("[data-reveal]"), texts = section.querySelector(".case__texts");
  if (SHOWN.includes(view.phases[id]) && !book.mode(id).open) texts.before(reveal);
  else texts.after(reveal);
}

// --- where the class is -------------------------------------------------------------------------------

function target() {
  if (view.stage === "debrief") return { id: "debrief", said: words.call_debrief };
  if (view.stage === "closing" || view.stage === "ended") return { id: "end", said: words.call_end };
  const number = page.cases.findIndex((one) => one.id === view.front) + 1, phase = view.phases[view.front];
  if (view.stage !== "cases" || !number || phase === "closed" || phase === "open") return null;
  const said = phase === "second" ? words.call_second : words.call_front;
  return { id: `case-${number}`, said: fill(said, { number }) };
}

function drawCall() {
  const call = document.getElementById("call"), where = target();
  const away = where && where.id !== screens.current();
  call.hidden = !away;
  if (!away) return void call.replaceChildren();
  const link = Object.assign(document.createElement("a"), { href: `#${where.id}`, textContent: words.go, className: "button" });
  call.replaceChildren(`${where.said} `, link);
}

/** Go along with the class, unless this pupil is in the middle of grading another case. */
function follow(before) {
  const where = target();
  const moved = before.stage !== view.stage || before.front !== view.front
    || before.phases[before.front] !== view.phases[view.front];
  const here = page.cases[Number(screens.current()?.match(/^case-(\d+)$/)?.[1]) - 1];
  if (where && moved && !(here && book.mode(here.id).open)) screens.go(where.id);
}

function onShow(id) {
  cases.shown(id);
  loaded = "";
  nTold = sync.state().refused; // said once, where it happened
  drawLink(sync.state());
  drawCall();
  loadFragment();
}

// --- what only the server knows: shown when the phase allows it ------------------------------------------

async function loadFragment() {
  const id = screens.current(), wanted = `${id}/${view.version}`;
  const place = fragmentOf(id);
  if (!place || loaded === wanted) return;
  loaded = wanted;
  place.box.hidden = false;
  if (!place.box.childElementCount) place.box.textContent = words.loading;
  const answer = await askHtml(place.url);
  if (loaded !== wanted) return;
  if (answer.ok) {
    place.box.innerHTML = answer.text;
    place.box.removeAttribute("aria-busy");
  } else {
    if (!place.box.childElementCount) place.box.textContent = words.load_failed;
    loaded = "";
    setTimeout(loadFragment, 4000);
  }
}

function fragmentOf(id) {
  const root = `/api/${session}/fragment`, section = document.getElementById(id);
  const caseId = section?.dataset.case;
  if (caseId) {
    const box = section.querySelector("[data-reveal]");
    if (SHOWN.includes(view.phases[caseId])) return { box, url: `${root}/case?case_id=${caseId}` };
    box.hidden = true;
    return null;
  }
  const box = section?.querySelector("[data-fragment]");
  const name = box?.dataset.fragment;
  const stages = { debrief: ["debrief", "closing", "ended"], end: ["closing", "ended"] };
  return name && stages[name].includes(view.stage) ? { box, url: `${root}/${name}` } : null;
}

// --- the link to the class -------------------------------------------------------------------------------

function drawLink({ unsent, online, refused, keeps }) {
  const box = document.getElementById("link"), off = !online || !linked;
  let said = "";
  if (off) said = unsent ? counted(words, "offline", unsent, page.language) : words.offline_none;
  else if (refused > nTold) said = words.refused;
  else if (unsent && wasOff) said = words.saving;
  else if (wasOff) said = words.back_online;
  else if (!keeps) said = words.memory_only;
  wasOff = off || (wasOff && unsent > 0);
  box.hidden = !said;
  setText(box, said);
  setText(document.getElementById("recap-state"), off ? said : unsent ? words.saving : view.stage === "ended" ? words.ended : words.saved);
  if (refused > nTold) cases.refresh();
}

function gone() {
  document.getElementById("bar").hidden = true;
  document.getElementById("call").hidden = true;
  document.getElementById("link").hidden = true;
  screens.go("gone");
}

function drawRecovery() {
  const word = recall("recovery");
  document.querySelector(".device").hidden = document.getElementById("device-known").hidden = !word;
  document.getElementById("device-unknown").hidden = !!word;
  setText(document.getElementById("recovery"), (word ?? "").replace(/(.{3})(?=.)/g, "$1-"));
}

function recall(name) {
  try {
    return localStorage.getItem(`${memory}.${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`${memory}.${name}`, value);
  } catch {
    // The question comes once more after a reload; nothing else is lost.
  }
}
