// What grades mean in words: pure functions, no page. Grades: {answer_id: number}; answers: [{id, letter}].

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export function listed(letters, words) {
  const sorted = [...letters].sort();
  if (sorted.length < 2) return sorted.join("");
  return fill(words.and, { most: sorted.slice(0, -1).join(words.comma), last: sorted.at(-1) });
}

/** Letters from best to worst, those with the same grade together. */
export function tiers(grades, answers) {
  const by = new Map();
  for (const { id, letter } of answers)
    if (grades[id]) by.set(grades[id], [...(by.get(grades[id]) ?? []), letter]);
  return [...by.entries()].sort((a, b) => b[0] - a[0]).map(([, letters]) => letters.sort());
}

/** "A = D > C > B — A et D ex æquo en tête" */
export function sentence(grades, answers, words) {
  const found = tiers(grades, answers);
  const blank = answers.filter(({ id }) => !grades[id]).map(({ letter }) => letter);
  const graded = answers.length - blank.length;
  if (!graded) return words.none;
  const order = found.map((tier) => tier.join(" = ")).join(" > ");
  const top = { order, letters: listed(found[0], words) };
  let said;
  if (graded === 1) said = fill(words.single, top);
  else if (found.length === 1) said = fill(words.all_tied, top);
  else said = fill(found[0].length > 1 ? words.top_many : words.top_one, top);
  return blank.length && graded > 1 ? fill(words.blank, { sentence: said, letters: listed(blank, words) }) : said;
}

/** "Vous dites : D est la MEILLEURE, B la PIRE." or null where nothing is put above anything. */
export function claim(grades, answers, words) {
  const found = tiers(grades, answers);
  if (found.length < 2) return null;
  const say = (kind, letters) =>
    fill(words[`${kind}_${letters.length > 1 ? "many" : "one"}`], { letters: listed(letters, words) });
  return fill(words.confirm, { best: say("best", found[0]), worst: say("worst", found.at(-1)) });
}

export function nFilled(grades, answers) {
  return answers.filter(({ id }) => grades[id]).length;
}

export function counted(words, key, n, language) {
  return fill(words[`${key}_${(language === "fr" ? n < 2 : n === 1) ? "one" : "many"}`], { n });
}

export function pageData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

export function randomWord(length) {
  const signs = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => signs[byte % 32]).join("");
}
