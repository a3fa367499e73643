// A new lesson, the teacher's entrance, and the end: forms that send JSON.
import { ask } from "./http.js";
import { api, post, say, sayRefused } from "./say.js";

export function startEnter() {
  const form = document.getElementById("enter");
  const secretIn = (text) => new URLSearchParams(text.slice(text.indexOf("#") + 1)).get("k") ?? text.trim();

  async function enter(secret) {
    say(form.dataset.trying);
    const answer = await ask("POST", form.dataset.post, { secret });
    if (answer.ok) location.replace(location.pathname + location.search);
    else if (answer.status === 401) say(form.dataset.wrong);
    else sayRefused(answer);
  }

  function fromAddress() {
    const secret = new URLSearchParams(location.hash.slice(1)).get("k");
    if (!secret) return;
    history.replaceState(null, "", location.pathname + location.search);
    enter(secret);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(secretIn(form.elements.link.value));
  });
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
}

/** A browser that is in already keeps the secret out of its address bar. */
export function dropSecret() {
  if (location.hash.includes("k=")) history.replaceState(null, "", location.pathname + location.search);
}

export function startNew() {
  const form = document.getElementById("new"), fields = form.elements;

  const showSet = () => {
    for (const part of form.querySelectorAll("[data-set]")) part.hidden = part.dataset.set !== fields.case_set.value;
  };
  fields.case_set.addEventListener("change", showSet);
  showSet();

  const picked = (name) => {
    const boxes = form.querySelectorAll(`[data-set="${CSS.escape(fields.case_set.value)}"] [name="${name}"]:checked`);
    return [...boxes].map((box) => box.value);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const invented = Number(fields.rehearsal.value);
    const begun = await post("/api/sessions", {
      settings: {
        language: fields.language.value,
        title: fields.title.value.trim() || null,
        case_set: fields.case_set.value,
        case_ids: picked("case_ids"),
        rulebooks: [fields.rulebook_1.value, fields.rulebook_2.value].filter(Boolean),
        second_vote: fields.second_vote.checked,
        shuffle_cards: fields.shuffle_cards.checked,
        runs: picked("runs"),
        retention_h: Number(fields.retention_h.value),
        simulated: invented > 0,
      },
      n_invented: invented,
    });
    if (begun) location.assign(begun.url);
  });
}

export function startKeep() {
  const form = document.getElementById("delete");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await post(api("/delete"), { code: form.elements.code.value });
    if (done) location.replace(done.url);
  });
}
