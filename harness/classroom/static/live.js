// Hear that something changed: server-sent events, and polling where a proxy keeps them back.
import { ask } from "./http.js";

const FIRST_BYTE_MS = 3000, SILENCE_MS = 25000, POLL_MS = 4000, POLLS_BEFORE_RETRY = 10;

/** Call onVersion(n) for every newer version, onLink(true|false) when the server is or is not reached. */
export function watch({ session, role, version, onVersion, onLink = () => {} }) {
  let known = version, source = null, silence = 0, poll = 0, polls = 0;
  const query = `role=${role}`;

  function listen() {
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
    const answer = await ask("GET", `/api/${session}/version?since=${known}&${query}`);
    if (!poll) return;
    onLink(answer.ok);
    if (answer.ok) learn(answer.json?.version);
    poll = setTimeout(pollOnce, POLL_MS);
    if (answer.ok && ++polls >= POLLS_BEFORE_RETRY) {
      polls = 0;
      listen();
    }
  }

  window.addEventListener("online", () => (poll ? (clearTimeout(poll), (poll = setTimeout(pollOnce, 0))) : 0));
  window.addEventListener("offline", () => onLink(false));
  listen();
  return { close: () => (source?.close(), clearTimeout(silence), stopPolling()) };
}
