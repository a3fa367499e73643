// What the teacher's pages tell: one status line, in words that the server put into the page.
import { ask, isGone } from "./http.js";

export const told = JSON.parse(document.getElementById("teacher-data").textContent);

export function say(words) {
  const line = document.getElementById("said");
  line.textContent = "";
  // a line that says the same twice is read out twice only when it was empty in between
  requestAnimationFrame(() => (line.textContent = words));
}

export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Say in the page's language why something was refused; what the server no longer has, its own page says. */
export function sayRefused(answer) {
  if (isGone(answer)) return location.reload();
  const { error = "", reason = "", message = "" } = answer.json ?? {};
  if (answer.status === 0) return say(told.words.lost);
  say(fill(told.refused[reason] ?? told.refused[error] ?? told.refused.other, { message }));
}

/** POST; true answers come back, refusals are said. */
export async function post(path, body) {
  const answer = await ask("POST", path, body);
  if (answer.ok) return answer.json;
  sayRefused(answer);
  return null;
}

export function api(path) {
  return `/api/${told.session}${path}`;
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
