// The cards of all cases: radios to grades, grades to radios, and what the page says about them.
import { claim, fill, nFilled, sentence } from "./entry.js";
import { openDialog } from "./screens.js";

/** `book` keeps the grades:
 *    mode(id) -> {open, vote, texts, phase}   may this case be graded now, and in which vote
 *    grades(id, vote), put(id, vote, {answer_id: grade|null}, seconds), confirmed(), confirm()
 */
export function mountCases({ page, words, book, go }) {
  const cases = page.cases.map((one, index) => {
    const section = document.getElementById(`case-${index + 1}`);
    return { ...one, section, seconds: 0, since: 0, cards: cardsOf(section, one) };
  });
  for (const one of cases) bindCase(one);
  const total = cases.reduce((sum, one) => sum + one.answers.length, 0);
  return { refresh, shown, cases };

  function cardsOf(section, one) {
    return [...section.querySelectorAll(".answer")].map((card) => ({
      id: card.dataset.answer,
      card,
      radios: [...card.querySelectorAll("input")],
      fieldset: card.querySelector("fieldset"),
      takeBack: card.querySelector(".take-back"),
      letter: one.answers.find((answer) => answer.id === card.dataset.answer).letter,
    }));
  }

  function bindCase(one) {
    for (const card of one.cards) {
      card.fieldset.addEventListener("change", (event) => put(one, card, Number(event.target.value)));
      card.fieldset.addEventListener("keydown", (event) => onKey(event, one, card));
      card.takeBack.addEventListener("click", () => {
        card.radios[0].focus();
        put(one, card, null);
      });
    }
    one.section.querySelector("[data-next]").addEventListener("click", (event) => askOnce(event, one));
    one.section.querySelector("[data-keep-button]").addEventListener("click", () => {
      book.put(one.id, 2, { ...book.grades(one.id, 1) }, seconds(one));
      refresh();
      one.section.querySelector("h1").focus();
    });
  }

  function onKey(event, one, card) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const grade = Number(event.key);
    if (grade >= 1 && grade <= card.radios.length) {
      card.radios[grade - 1].focus();
      put(one, card, grade);
    } else if (["Delete", "Backspace", "0"].includes(event.key)) put(one, card, null);
    else if (event.key === "Enter") focusAfter(one, card);
    else return;
    event.preventDefault();
  }

  function focusAfter(one, card) {
    const next = shownCards(one)[shownCards(one).indexOf(card) + 1];
    if (next) (next.radios.find((radio) => radio.checked) ?? next.radios[0]).focus();
    else one.section.querySelector("[data-next]").focus();
  }

  function shownCards(one) {
    return [...one.section.querySelectorAll(".answer")].map((card) => one.cards.find((found) => found.card === card));
  }

  function put(one, card, grade) {
    const { open, vote } = book.mode(one.id);
    if (open) book.put(one.id, vote, { [card.id]: grade }, seconds(one));
    refresh();
  }

  function askOnce(event, one) {
    const { open, vote } = book.mode(one.id);
    const words_ = open && !book.confirmed() && claim(book.grades(one.id, vote), one.answers, words);
    if (!words_) return;
    event.preventDefault();
    const target = event.currentTarget.hash.slice(1), dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-words").textContent = words_;
    dialog.querySelector("[data-answer-yes]").onclick = () => {
      book.confirm();
      dialog.close();
      go(target);
    };
    dialog.querySelector("[data-answer-no]").onclick = () => {
      dialog.close();
      shownCards(one)[0].radios[0].focus();
    };
    openDialog("confirm");
  }

  // Time counts while the case is in front and the page is seen.
  function shown(id) {
    for (const one of cases) {
      one.seconds = seconds(one);
      one.since = one.section.id === id ? Date.now() : 0;
    }
  }

  function seconds(one) {
    const now = one.since && !document.hidden ? (Date.now() - one.since) / 1000 : 0;
    return Math.min(86400, Math.round(one.seconds + Math.max(0, now)));
  }

  function refresh() {
    cases.forEach(drawCase);
    const filled = cases.map((one) => nFilled(book.grades(one.id, 1), one.answers));
    const n = filled.reduce((sum, count) => sum + count, 0);
    const second = cases.filter((one) => book.mode(one.id).open && book.mode(one.id).vote === 2);
    const progress = document.getElementById("progress");
    if (second.length) {
      const done = second.reduce((sum, one) => sum + nFilled(book.grades(one.id, 2), one.answers), 0);
      const all = second.reduce((sum, one) => sum + one.answers.length, 0);
      setText(progress, fill(words.progress_second, { n: done, total: all }));
    } else setText(progress, fill(words.progress, { n, total }));
    const count = document.getElementById("recap-count");
    setText(count, fill(n === total ? words.recap_all : words.recap_some, { n, total }));
    cases.forEach(drawRecap);
  }

  function drawCase(one) {
    const { open, vote, texts, phase } = book.mode(one.id), grades = book.grades(one.id, vote);
    one.section.querySelector(".case__texts").hidden = !texts;
    for (const card of one.cards) {
      for (const radio of card.radios) radio.checked = grades[card.id] === Number(radio.value);
      if (card.fieldset.disabled === open) card.fieldset.disabled = !open;
      card.takeBack.hidden = !open || !grades[card.id];
    }
    const keep = one.section.querySelector("[data-keep]"), before = book.grades(one.id, 1);
    keep.hidden = !(open && vote === 2 && Object.keys(before).length && !nFilled(grades, one.answers));
    setText(
      one.section.querySelector("[data-first-vote]"),
      fill(words.first_vote, { sentence: sentence(before, one.answers, words) }),
    );
    setText(one.section.querySelector(".sentence"), sentence(grades, one.answers, words));
    const notice = one.section.querySelector("[data-phase]"), said = words[`phase_${phase}`];
    notice.hidden = !said;
    setText(notice, said ?? "");
  }

  function drawRecap(one) {
    const row = document.querySelector(`[data-recap="${one.id}"]`), { vote } = book.mode(one.id);
    const grades = book.grades(one.id, vote);
    setText(row.querySelector("[data-order]"), sentence(grades, one.answers, words));
    setText(
      row.querySelector("[data-filled]"),
      fill(words.filled, { n: nFilled(grades, one.answers), total: one.answers.length }),
    );
  }
}

/** Change a text only when it differs: a live region is read out on every change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
