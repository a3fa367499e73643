// The wall: shows the page that the server makes for now, and leafs with the arrow keys. It moves no lesson.
import { askHtml, isGone } from "./http.js";
import { watch } from "./live.js";

const main = document.getElementById("main"), link = document.getElementById("link");
const session = main.dataset.session;
let page = 0, turn = 0, again = 0, last = "";

function now() {
  return main.querySelector(".screen")?.dataset ?? { state: "", page: "0", pages: "1" };
}

async function show(moved) {
  const mine = ++turn, shown = now();
  const answer = await askHtml(`/api/${session}/fragment/projector?page=${page}&state=${shown.state}`);
  if (mine !== turn) return; // a later request is on its way
  clearTimeout(again);
  if (isGone(answer)) return gone();
  link.hidden = answer.ok;
  if (!answer.ok) {
    again = setTimeout(() => show(moved), 2000);
    return;
  }
  replace(answer.text, moved);
}

/** The lesson was deleted, or its time is over: the wall says so, and asks no more. */
function gone() {
  turn++;
  clearTimeout(again);
  link.hidden = true;
  main.replaceChildren(document.getElementById("gone").content.cloneNode(true));
  document.title = main.querySelector("h1").textContent;
}

function replace(html, moved) {
  if (html === last) return; // what somebody typed or opened stays
  last = html;
  const open = main.querySelector(".numbers")?.open, before = now();
  const held = document.activeElement?.dataset?.leaf;
  main.innerHTML = html;
  const after = now();
  page = Number(after.page);
  const numbers = main.querySelector(".numbers");
  const same = before.state === after.state && before.page === after.page;
  if (numbers && open && same) numbers.open = true;
  if (held) main.querySelector(`[data-leaf="${held}"]:not(:disabled)`)?.focus();
  else if (moved || !same) main.querySelector("h1")?.focus({ preventScroll: true });
  document.title = main.querySelector("h1")?.textContent ?? document.title;
}

function leaf(step) {
  const last = Number(now().pages) - 1, next = Math.min(Math.max(page + step, 0), last);
  if (next === page) return;
  page = next;
  show(true);
}

main.addEventListener("click", (event) => {
  const step = event.target.closest("[data-leaf]")?.dataset.leaf;
  if (step) leaf(Number(step));
});

/** The payslip at a rate that somebody typed. */
main.addEventListener("input", (event) => {
  const rate = event.target.closest(".payslip__rate");
  if (!rate) return;
  const { hours, pupils } = rate.closest("table").dataset, amount = Number(hours) * Number(rate.value);
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: rate.dataset.currency });
  const known = amount > 0, row = rate.closest("tr");
  row.querySelector("[data-amount]").textContent = known ? money.format(amount) : "–";
  row.querySelector("[data-each]").textContent = known ? money.format(amount / Number(pupils)) : "–";
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") {
    const numbers = main.querySelector(".numbers[open]");
    if (numbers) numbers.open = false;
    return;
  }
  if (event.target.closest(".scroll, input")) return; // arrows scroll a wide table, or change a number
  if (event.key === "ArrowRight" || event.key === "PageDown") leaf(1);
  else if (event.key === "ArrowLeft" || event.key === "PageUp") leaf(-1);
  else return;
  event.preventDefault();
});

watch({
  session,
  role: "projector",
  version: Number(main.dataset.version),
  onVersion: () => show(false),
  onLink: (reached) => { link.hidden = reached; },
  onGone: gone,
});
show(false);
