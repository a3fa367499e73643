// The test of a room: can this device work with the server, whatever the school's network does in between?
import { fill, pageData } from "./entry.js";
import { ask } from "./http.js";

const roomWords = pageData("words"), ROUNDS = 5, SLOW_MS = 1000, EVENTS_MS = 6000;
let worked = true;

function tell(check, state, key, values = {}) {
  const line = document.querySelector(`[data-check=${check}]`);
  line.dataset.state = state;
  line.querySelector("[data-said]").textContent = fill(roomWords[key], values);
  if (state === "bad") worked = false;
}

async function testRoom() {
  worked = true;
  tell("script", "good", "script_good");
  testMemory();
  await testSpeed();
  await testEvents();
  const verdict = document.getElementById("verdict");
  verdict.hidden = false;
  verdict.textContent = worked ? roomWords.works : roomWords.fails;
}

function testMemory() {
  try {
    localStorage.setItem("classroom.probe", "1");
    localStorage.removeItem("classroom.probe");
    tell("memory", "good", "memory_good");
  } catch {
    tell("memory", "fair", "memory_fair");
  }
}

async function testSpeed() {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now(), answer = await ask("GET", "/api/room/ping");
    if (answer.ok) times.push(performance.now() - start);
  }
  if (!times.length) {
    tell("reached", "bad", "reached_bad");
    return tell("speed", "bad", "speed_none");
  }
  tell("reached", "good", "reached_good");
  const ms = Math.round(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]);
  tell("speed", ms > SLOW_MS ? "fair" : "good", ms > SLOW_MS ? "speed_fair" : "speed_good", { ms });
}

function testEvents() {
  return new Promise((done) => {
    const source = new EventSource("/api/room/events"), start = performance.now(), seen = [];
    const end = () => {
      clearTimeout(patience);
      source.close();
      // Held back by a proxy, all three come at the same moment.
      const apart = seen.length > 1 && seen.at(-1) - seen[0] > 400;
      if (seen.length && apart) tell("events", "good", "events_good", { ms: Math.round(seen[0] - start) });
      else tell("events", "fair", "events_fair");
      done();
    };
    const patience = setTimeout(end, EVENTS_MS);
    source.addEventListener("version", () => seen.push(performance.now()) >= 3 && end());
    source.addEventListener("error", end);
  });
}

document.getElementById("again").addEventListener("click", testRoom);
testRoom();
