// Hear that something changed: server-sent events, and polling where a proxy keeps them back.
import { ask, isGone } from "./http.js";

const FIRST_BYTE_MS = 3000, SILENCE_MS = 25000, POLL_MS = 4000, POLLS_BEFORE_RETRY = 10;

/**
 * Call onVersion(n) for every newer version, onLink(true|false) when the server is or is not reached, and
 * onGone() once, when it answers that the lesson is no more (or no longer this browser's).
 */
export function watch({ session, role, version, onVersion, onLink = () => {}, onGone = () => {} }) {
  let known = version, source = null, silence = 0, poll = 0, polls = 0, over = false, dropped = false;
  const query = `role=${role}`;

  function listen() {
    if (over) return;
    source?.close();
    source = new EventSource(`/api/${session}/events?${query}`);
    source.addEventListener("version", (event) => heard(JSON.parse(event.data).version));
    source.addEventListener("beat", () => heard());
    source.addEventListener("error", () => startPolling(true));
    waitFor(FIRST_BYTE_MS);
  }

  function heard(newest) {
    stopPolling();
    waitFor(SILENCE_MS);
    onLink(true);
    learn(newest);
  }

  function learn(newest) {
    if (newest === undefined || newest <= known) return;
    known = newest;
    onVersion(newest);
  }

  function waitFor(ms) {
    clearTimeout(silence);
    silence = setTimeout(() => startPolling(true), ms);
  }

  function startPolling(now) {
    source?.close();
    source = null;
    clearTimeout(silence);
    if (poll) return;
    polls = 0;
    poll = setTimeout(pollOnce, now ? 0 : POLL_MS);
  }

  function stopPolling() {
    clearTimeout(poll);
    poll = 0;
  }

  async function pollOnce() {
    const mine = poll;
    const answer = await ask("GET", `/api/${session}/version?since=${known}&${query}`);
    if (poll !== mine) return; // a stream or a later round has taken over
    if (isGone(answer)) return end(onGone);
    onLink(answer.ok);
    if (answer.ok) learn(answer.json?.version);
    poll = setTimeout(pollOnce, POLL_MS);
    if (answer.ok && (dropped || ++polls >= POLLS_BEFORE_RETRY)) {
      polls = 0;
      dropped = false;
      listen();
    }
  }

  function end(tell) {
    over = true;
    source?.close();
    clearTimeout(silence);
    stopPolling();
    tell();
  }

  // An open stream may outlive a cut without a word: asking says at once whether the server is reached again.
  window.addEventListener("online", () => {
    if (over) return;
    dropped = true; // nothing keeps the stream back: it was cut, so it is opened again with the first answer
    stopPolling();
    startPolling(true);
  });
  window.addEventListener("offline", () => over || onLink(false));
  listen();
}
