// The judges desk: prompts to copy, replies to paste, and a judge that is asked with the teacher's own key.
import { ask } from "./http.js";
import { api, element, fill, post, say, sayRefused, told } from "./say.js";

export function startDesk() {
  startPaste();
  startWithdrawing();
  startLive();
}

function startPaste() {
  const form = document.getElementById("paste"), place = document.getElementById("prompts");
  const words = JSON.parse(form.dataset.words), titles = told.more.titles;

  const asked = () => ({
    model_name: form.elements.model_name.value.trim(),
    maker: form.elements.maker.value.trim() || null,
    date: form.elements.date.value,
    rulebook_id: form.elements.rulebook_id.value,
    repeat: Number(form.elements.repeat.value) - 1,
    together: form.elements.together.value === "yes",
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const about = asked(), found = await post(api("/desk/prompts"), about);
    if (!found) return;
    place.replaceChildren(...found.prompts.map((prompt, n) => card(prompt, n, about)));
    place.querySelector("textarea")?.focus();
  });

  function card(prompt, n, about) {
    const cases = prompt.case_ids.map((id) => titles[id] ?? id).join(", ");
    const text = element("textarea", { class: "input", rows: 8, readonly: "", id: `prompt-${n}` });
    text.value = prompt.text;
    const select = element("button", { type: "button", class: "button" }, words.select);
    select.addEventListener("click", () => (text.focus(), text.select()));
    const reply = element("textarea", { class: "input", rows: 8, id: `reply-${n}` });
    const read = element("button", { type: "button", class: "button button--primary" }, words.read);
    const understood = element("div", { class: "understood" });
    const state = element("p", { class: "soft" }, prompt.is_answered ? words.answered : "");
    read.addEventListener("click", async () => {
      const body = { about, key: prompt.key, text: reply.value };
      const found = await post(api("/desk/read"), body);
      if (found) showUnderstood(understood, found.cases, () => keep(body, state, understood));
    });
    return element(
      "section",
      { class: "card", "aria-labelledby": `h-prompt-${n}` },
      element("h3", { id: `h-prompt-${n}` }, fill(words.prompt_for, { cases })),
      state,
      element("label", { class: "field" }, element("span", {}, words.prompt), text),
      element("div", { class: "actions" }, select),
      element("label", { class: "field" }, element("span", {}, words.reply), reply),
      element("div", { class: "actions" }, read),
      understood,
    );
  }

  function showUnderstood(place, cases, keepIt) {
    const body = element("tbody");
    for (const one of cases) {
      const said = one.failure ? fill(words.unreadable, { message: one.message ?? one.failure }) : gradesOf(one);
      body.append(element("tr", {}, element("th", { scope: "row" }, titles[one.case_id] ?? one.case_id), element("td", {}, said)));
    }
    const keep = element("button", { type: "button", class: "button button--primary" }, words.keep);
    keep.addEventListener("click", keepIt);
    place.replaceChildren(element("h4", { tabindex: "-1" }, words.understood), element("table", { class: "table" }, body), element("div", { class: "actions" }, keep));
    place.querySelector("h4").focus();
  }

  // The letters are those of the prompt and its reply, in which the answers may stand in another order.
  function gradesOf(one) {
    return Object.keys(one.slots).sort().map((slot) => `${slot}\u00a0${one.slots[slot]}`).join(" · ");
  }

  async function keep(body, state, understood) {
    if (!(await post(api("/desk/keep"), body))) return;
    state.textContent = words.answered;
    understood.replaceChildren();
    say(words.kept);
    drawJudges();
  }
}

async function drawJudges() {
  const answer = await ask("GET", api("/desk"));
  if (answer.ok) putJudges(answer.json);
}

function putJudges({ judges, replies }) {
  putReplies(replies);
  const rows = judges.map((one) =>
    element("tr", {}, element("th", { scope: "row" }, one.title), element("td", {}, one.rulebook), element("td", {}, String(one.n_ranked)), element("td", {}, String(one.n_failed))),
  );
  document.getElementById("desk-judges").replaceChildren(...rows);
  document.getElementById("desk-table").hidden = !rows.length;
  document.getElementById("desk-none").hidden = rows.length > 0;
}

function putReplies(replies) {
  const list = document.getElementById("replies"), words = JSON.parse(list.dataset.words);
  const rows = replies.map((one) => {
    const said = fill(words.reply_line, { ...one, cases: one.cases.join(", ") });
    if (one.withdrawn) return element("li", {}, element("s", {}, said), ` ${words.withdrawn}`);
    return element("li", {}, `${said} `, element("button", { type: "button", class: "button", "data-withdraw": one.key }, words.withdraw));
  });
  list.replaceChildren(...rows);
  document.getElementById("replies-box").hidden = !rows.length;
}

function startWithdrawing() {
  const list = document.getElementById("replies"), words = JSON.parse(list.dataset.words);
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-withdraw]");
    if (!button || !confirm(words.withdraw_sure)) return;
    const found = await post(api("/desk/withdraw"), { key: button.dataset.withdraw });
    if (!found) return;
    putJudges(found);
    say(words.withdrawn_said);
    document.getElementById("h-replies").focus();
  });
}

function startLive() {
  const form = document.getElementById("live");
  if (!form) return;
  const words = JSON.parse(form.dataset.words), bar = document.getElementById("live-progress");
  const stop = document.getElementById("live-stop");
  let watching = 0;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { judge_id: form.elements.judge_id.value, rulebooks: [form.elements.live_rulebook.value], api_key: form.elements.api_key.value };
    form.elements.api_key.value = "";
    if (await post(api("/desk/ask"), body)) follow();
  });
  stop.addEventListener("click", () => post(api("/desk/stop"), {}));

  async function follow() {
    clearTimeout(watching);
    const answer = await ask("GET", api("/desk/asking"));
    if (!answer.ok) return sayRefused(answer);
    const { state, n_done, n_planned, message } = answer.json;
    const busy = state === "asking";
    stop.hidden = !busy;
    bar.textContent = busy ? `${words.asking} ${fill(words.progress, { done: n_done, planned: n_planned })}` : (message ?? words.live_done);
    if (busy) watching = setTimeout(follow, 1000);
    else drawJudges();
  }
  ask("GET", api("/desk/asking")).then((answer) => answer.ok && answer.json.state === "asking" && follow());
}
