// Grades on their way to the server: every change is an edit with a number of its own, kept in the browser until
// the server has it, sent in order, again and again if need be. An edit that arrives twice counts once, so any
// page of this browser may also send what a closed or reloaded page left behind.
import { randomWord } from "./entry.js";
import { ask, isGone } from "./http.js";

const BATCH = 50, FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 8000, GATHER_MS = 250;

/** onState({unsent, online, refused, keeps}); onGone() when the server knows neither lesson nor pupil. */
export function makeSync({ session, ballots, onState, onGone }) {
  const prefix = `classroom.${session}.queue.`, page = randomWord(12), key = prefix + page;
  const base = new Map(), mine = { key, at: Date.now(), edits: [] };
  let number = 0, queues = [mine], busy = false, timer = 0, wait = FIRST_WAIT_MS, online = true, refused = 0;
  let keeps = true;
  take(ballots);
  adopt();
  if (unsent()) later(0);
  window.addEventListener("online", () => later(0));
  return { put, grades, take, unsent, retry: () => unsent() && later(0), state };

  function take(news) {
    for (const one of news) base.set(`${one.case_id}/${one.vote}`, one.grades);
  }

  function grades(caseId, vote) {
    const found = { ...base.get(`${caseId}/${vote}`) };
    for (const queue of queues)
      for (const edit of queue.edits)
        if (edit.case_id === caseId && edit.vote === vote) Object.assign(found, edit.grades);
    for (const id of Object.keys(found)) if (found[id] === null) delete found[id];
    return found;
  }

  function put(caseId, vote, changes, seconds) {
    mine.edits.push({ page, number: ++number, case_id: caseId, vote, grades: changes, seconds });
    keep(mine);
    tell();
    later(GATHER_MS);
  }

  function unsent() {
    return queues.reduce((sum, queue) => sum + queue.edits.length, 0);
  }

  function state() {
    return { unsent: unsent(), online, refused, keeps };
  }

  function tell() {
    onState(state());
  }

  function later(ms) {
    if (busy) return;
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  }

  async function flush() {
    const queue = queues.find((one) => one.edits.length);
    if (busy || !queue) return;
    busy = true;
    const batch = queue.edits.slice(0, BATCH);
    const answer = await ask("POST", `/api/${session}/edits`, { edits: batch });
    busy = false;
    if (answer.ok && answer.json) settle(queue, batch, answer.json);
    else if (isGone(answer)) return onGone();
    else if ([400, 409, 413, 422].includes(answer.status)) settle(queue, batch, { ballots: [], refused: batch });
    else failed();
    tell();
    if (unsent()) later(online ? 0 : wait);
  }

  function settle(queue, batch, { ballots: kept, refused: late }) {
    queue.edits = queue.edits.slice(batch.length);
    if (queue !== mine && !queue.edits.length) queues = queues.filter((one) => one !== queue);
    keep(queue);
    take(kept);
    refused += late.length;
    online = true;
    wait = FIRST_WAIT_MS;
  }

  function failed() {
    online = false;
    wait = Math.min(LONGEST_WAIT_MS, wait * 2) * (0.8 + 0.4 * Math.random()); // a class does not knock in step
  }

  // --- the browser's own store, which may be full, forbidden or absent ---

  function keep(queue) {
    try {
      if (queue.edits.length) localStorage.setItem(queue.key, JSON.stringify({ at: queue.at, edits: queue.edits }));
      else localStorage.removeItem(queue.key);
    } catch {
      keeps = false;
    }
  }

  function adopt() {
    try {
      const left = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
      const found = left.map((name) => ({ key: name, ...JSON.parse(localStorage.getItem(name)) }));
      queues = [...found.filter((one) => one.edits?.length).sort((a, b) => a.at - b.at), mine];
      localStorage.setItem(`${prefix}probe`, "");
      localStorage.removeItem(`${prefix}probe`);
    } catch {
      keeps = false;
    }
  }
}
