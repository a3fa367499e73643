// Grades of a class without devices: hands, sheets of paper typed with the digits alone, reply codes.
import { api, element, fill, post, say, told } from "./say.js";

export function startEntry() {
  startHands();
  startSheets();
  startCodes();
}

const number = (field) => Math.max(0, Math.floor(Number(field.value) || 0));

function startHands() {
  const form = document.getElementById("hands");
  const rows = () => [...form.querySelectorAll(`[data-case="${CSS.escape(form.elements.case_id.value)}"] tr[data-answer]`)];

  function show() {
    for (const part of form.querySelectorAll("[data-case]")) part.hidden = part.dataset.case !== form.elements.case_id.value;
    for (const row of rows()) {
      const kept = told.more.hands.find((one) => one.answer_id === row.dataset.answer && one.vote === vote());
      [...row.querySelectorAll("input")].forEach((field, place) => (field.value = kept ? kept.counts[place] : ""));
      total(row);
    }
  }
  const vote = () => Number(form.elements.vote.value);
  const total = (row) => {
    const counts = [...row.querySelectorAll("input")].map(number);
    row.querySelector("output").textContent = counts.reduce((sum, one) => sum + one, 0);
    return counts;
  };

  form.addEventListener("change", (event) => event.target.matches("select, [name=vote]") && show());
  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr[data-answer]");
    if (row) total(row);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const hands = rows().map((row) => ({
      case_id: form.elements.case_id.value,
      answer_id: row.dataset.answer,
      vote: vote(),
      counts: total(row),
    }));
    if (!(await post(api("/hands"), { hands }))) return;
    told.more.hands = told.more.hands.filter((one) => !hands.some((new_) => new_.answer_id === one.answer_id && new_.vote === one.vote)).concat(hands);
    say(told.words.saved);
  });
  show();
}

function startSheets() {
  const form = document.getElementById("sheet"), fields = [...form.querySelectorAll("input[data-answer]")];
  const correct = document.getElementById("sheet-correct");
  let receipt = newReceipt(), last = null;

  const step = (field, by) => {
    const next = fields[fields.indexOf(field) + by];
    if (next) next.focus();
    else if (by > 0) form.querySelector("button.button--primary").focus();
    next?.select();
  };

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches("input[data-answer]")) return;
    if (event.key === "Backspace" && !field.value) {
      event.preventDefault();
      step(field, -1);
    } else if (event.key === " " || event.key === "0") {
      event.preventDefault();
      field.value = "";
      step(field, 1);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(field, event.key === "ArrowLeft" ? -1 : 1);
    }
  });
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("input[data-answer]")) return;
    const digit = field.value.replace(/\D/g, "").slice(-1);
    field.value = digit >= "1" && Number(digit) <= told.more.n_grades ? digit : "";
    if (field.value) step(field, 1);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const grades = {};
    for (const field of fields.filter((one) => one.value)) (grades[field.dataset.case] ??= {})[field.dataset.answer] = Number(field.value);
    const sheet = { grades, receipt, vote: Number(form.elements.sheet_vote.value), rulebook_id: form.elements.rulebook_id?.value || null };
    const kept = await post(api("/sheets"), sheet);
    if (!kept) return;
    last = { sheet, name: kept.pseudonym };
    correct.hidden = false;
    begin(newReceipt());
    say(fill(form.dataset.saved, { name: kept.pseudonym, n: kept.n_grades }));
  });
  correct.addEventListener("click", () => {
    begin(last.sheet.receipt);
    for (const field of fields) field.value = last.sheet.grades[field.dataset.case]?.[field.dataset.answer] ?? "";
    say(fill(form.dataset.correcting, { name: last.name }));
  });

  function begin(next) {
    receipt = next;
    for (const field of fields) field.value = "";
    fields[0].focus();
  }
}

function newReceipt() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function startCodes() {
  const form = document.getElementById("codes"), found = document.getElementById("codes-found");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kept = await post(api("/codes"), { text: form.elements.text.value });
    if (!kept) return;
    const words = JSON.parse(form.dataset.words), count = (key, n) => fill(words[`${key}.${isOne(n) ? "one" : "many"}`], { n });
    const lines = [count("kept", kept.n_kept)];
    if (kept.n_again) lines.push(count("again", kept.n_again));
    if (kept.replaced.length) lines.push(fill(words.replaced, { tags: kept.replaced.join(", ") }));
    for (const one of kept.wrong) lines.push(fill(words.bad, { line: one.line, why: words[`trouble.${one.trouble}`] ?? one.trouble, text: one.text }));
    found.replaceChildren(...lines.map((line) => element("li", {}, line)));
    say(lines[0]);
    if (!kept.wrong.length) form.elements.text.value = "";
  });
}

const isOne = (n) => (document.documentElement.lang === "fr" ? n < 2 : n === 1);
