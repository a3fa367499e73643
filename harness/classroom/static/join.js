// Joining: one code, one tap. What the server says about a wrong code is said beside the field.
import { pageData } from "./entry.js";
import { ask } from "./http.js";

const said = pageData("words");

for (const form of document.querySelectorAll("form[data-ask]"))
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = form.querySelector("[role=alert]"), button = form.querySelector("button");
    wrong.textContent = "";
    button.disabled = true;
    const answer = await ask("POST", form.dataset.ask, Object.fromEntries(new FormData(form)));
    button.disabled = false;
    if (answer.ok) return enter(answer.json);
    wrong.textContent = said[answer.json?.reason] ?? said[answer.json?.error] ?? (answer.status ? said.invalid : said.no_connection);
    form.querySelector("input:not([type=hidden])")?.focus();
  });

function enter({ session_id: session, url, recovery }) {
  try {
    if (recovery) localStorage.setItem(`classroom.${session}.recovery`, recovery);
  } catch {
    // Without a store the return word is lost; the cookie still knows this browser.
  }
  location.assign(url);
}
