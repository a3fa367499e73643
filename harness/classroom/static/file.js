// The page of the edition in one file: no server, grades stay in the browser, a code carries them away.
import { fill, pageData } from "./entry.js";
import { bindDialogs, makeScreens } from "./screens.js";
import { mountCases, setText } from "./cases.js";
import { encodeReply, newTag } from "./codec.js";
import { qrPicture } from "./qr.js";
import { mountReading } from "./reading.js";

const page = pageData("page"), words = pageData("words");
const own = page.rulebooks.filter(Boolean); // the file of a half knows its own rules alone
const STORE = `classroom.file.${page.digest}.${own.map((one) => page.rulebooks.indexOf(one)).join("")}`;
let keeps = true, mine = begin();

const book = {
  mode: () => ({ open: true, vote: mine.vote, texts: true, phase: "open" }),
  grades: (id, vote) => mine.grades[vote][id] ?? {},
  put(id, vote, changes) {
    const grades = { ...mine.grades[vote][id], ...changes };
    for (const name of Object.keys(grades)) if (grades[name] === null) delete grades[name];
    mine.grades[vote][id] = grades;
    keep();
    drawCode();
  },
  confirmed: () => mine.confirmed,
  confirm() {
    mine.confirmed = true;
    keep();
  },
};

bindDialogs();
orderCards();
showRules();
const screens = makeScreens((id) => cases.shown(id));
const cases = mountCases({ page, words, book, go: (id) => screens.go(id) });
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
document.getElementById("second-vote")?.addEventListener("click", () => setVote(mine.vote === 1 ? 2 : 1));
document.getElementById("new-pupil").addEventListener("click", (event) => {
  if (confirm(event.currentTarget.dataset.sure)) startAfresh();
});
if (document.getElementById("teacher")) mountReading({ page, words });
screens.begin();
cases.refresh();
drawCode();
drawVote();
drawNotice();

// --- what this browser keeps ---------------------------------------------------------------------------

function begin() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    if (kept?.tag) return kept;
  } catch {
    keeps = false;
  }
  const rulebook = own[Math.floor(Math.random() * own.length)];
  const orders = Object.fromEntries(page.cases.map((one) => [one.id, shuffled(one.answers.map(({ id }) => id))]));
  return { tag: newTag(page), rulebook, orders, vote: 1, confirmed: false, grades: { 1: {}, 2: {} } };
}

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(mine));
  } catch {
    keeps = false;
  }
  drawNotice();
}

function startAfresh() {
  try {
    localStorage.removeItem(STORE);
  } catch {
    keeps = false;
  }
  location.hash = "";
  location.reload();
}

function shuffled(ids) {
  if (!page.shuffle) return ids;
  const left = [...ids], drawn = [];
  while (left.length) drawn.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return drawn;
}

// --- what the page shows -------------------------------------------------------------------------------

function orderCards() {
  for (const [index, one] of page.cases.entries()) {
    const section = document.getElementById(`case-${index + 1}`), end = section.querySelector(".sentence");
    for (const id of mine.orders[one.id]) end.before(section.querySelector(`[data-answer="${id}"]`));
  }
}

function showRules() {
  for (const part of document.querySelectorAll("[data-rulebook]")) part.hidden = part.dataset.rulebook !== mine.rulebook;
}

function setVote(vote) {
  mine.vote = vote;
  keep();
  cases.refresh();
  drawCode();
  drawVote();
}

function drawVote() {
  const button = document.getElementById("second-vote");
  if (!button) return;
  setText(document.getElementById("vote-state"), mine.vote === 2 ? words.vote_second : words.vote_first);
  setText(button, mine.vote === 2 ? words.vote_back : words.vote_start);
}

function drawCode() {
  const code = encodeReply({ tag: mine.tag, vote: mine.vote, rulebook_id: mine.rulebook, grades: mine.grades[mine.vote] }, page);
  setText(document.getElementById("reply-code"), code);
  const picture = qrPicture(code.replaceAll("-", ""), fill(words.code_label, { code }));
  document.getElementById("reply-qr").replaceChildren(...(picture ? [picture] : []));
}

function drawNotice() {
  const box = document.getElementById("link");
  box.hidden = keeps;
  setText(box, keeps ? "" : words.memory_only);
  const some = [1, 2].some((vote) => Object.values(mine.grades[vote]).some((grades) => Object.keys(grades).length));
  document.getElementById("new-pupil").hidden = !some;
}
