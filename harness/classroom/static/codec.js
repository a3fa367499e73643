// Reply codes, as harness/classroom/replycodes.py writes and reads them; both pass the same table of codes.
// A frame: {alphabet, digest, n_grades, rulebooks: [id], cases: [{id, answers: [{id}]}]}.

const N_TAG = 4, N_DIGEST = 2, N_CHECK = 2, GROUP = 4;
const GAPS = /[\s\u2010-\u2014_.-]+/g;

export function codeLength(frame) {
  return N_TAG + payloadLength(frame) + N_DIGEST + N_CHECK;
}

export function newTag(frame) {
  const base = frame.alphabet.length, tag = [];
  const bytes = crypto.getRandomValues(new Uint8Array(64));
  for (const byte of bytes) if (byte < 256 - 256 % base && tag.length < N_TAG) tag.push(frame.alphabet[byte % base]);
  return tag.join("");
}

/** reply: {tag, vote, rulebook_id, grades: {case_id: {answer_id: grade}}} */
export function encodeReply(reply, frame) {
  const base = BigInt(frame.n_grades + 1);
  let number = 0n;
  for (const one of frame.cases)
    for (const answer of one.answers) number = number * base + BigInt(reply.grades[one.id]?.[answer.id] ?? 0);
  number = (number * 2n + BigInt(frame.rulebooks.indexOf(reply.rulebook_id))) * 2n + BigInt(reply.vote - 1);
  const body = reply.tag + spell(number, payloadLength(frame), frame.alphabet) + frame.digest;
  return (body + checkSigns(body, frame.alphabet)).match(/.{1,4}/g).join("-");
}

/** Give {reply} or {trouble}: length, sign, check, other_set, range. */
export function decodeReply(text, frame) {
  const signs = text.replace(GAPS, "").toUpperCase(), length = codeLength(frame);
  if (signs.length !== length) return { trouble: "length" };
  if ([...signs].some((sign) => !frame.alphabet.includes(sign))) return { trouble: "sign" };
  if (checkSigns(signs.slice(0, -N_CHECK), frame.alphabet) !== signs.slice(-N_CHECK)) return { trouble: "check" };
  if (signs.slice(-N_CHECK - N_DIGEST, -N_CHECK) !== frame.digest) return { trouble: "other_set" };
  const number = valueOf(signs.slice(N_TAG, -N_CHECK - N_DIGEST), frame.alphabet);
  if (number >= payloadLimit(frame) || Number(number / 2n % 2n) >= frame.rulebooks.length) return { trouble: "range" };
  return { reply: replyOf(signs.slice(0, N_TAG), number, frame) };
}

/** Read pasted text, one code per line; words around a code do no harm. */
export function readCodes(text, frame) {
  const found = new Map(), bad = [], replaced = [];
  let again = 0;
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    if (!line.trim()) return;
    const { reply, trouble } = firstCode(line, frame);
    if (trouble) return void bad.push({ line: index + 1, text: line.trim().slice(0, 80), trouble });
    const key = reply.tag + reply.vote, earlier = found.get(key);
    if (earlier) JSON.stringify(earlier) === JSON.stringify(reply) ? again++ : replaced.push(reply.tag);
    found.delete(key);
    found.set(key, reply);
  });
  return { replies: [...found.values()], bad, again, replaced };
}

function firstCode(line, frame) {
  const groups = Array(codeLength(frame) / GROUP).fill("[A-Za-z0-9]{4}").join("[\\s\\u2010-\\u2014_.-]*");
  // Every start of a word is tried, because a pupil's name before the code may look like a group.
  let last = { trouble: "no_code" };
  for (const match of line.matchAll(new RegExp(`(?:^|[^A-Za-z0-9])(?=(${groups})(?![A-Za-z0-9]))`, "g"))) {
    last = decodeReply(match[1], frame);
    if (last.reply) break;
  }
  return last;
}

function replyOf(tag, number, frame) {
  const vote = Number(number % 2n) + 1, half = Number(number / 2n % 2n), base = BigInt(frame.n_grades + 1);
  let rest = number / 4n;
  const grades = [];
  for (const one of [...frame.cases].reverse()) {
    const mine = [];
    for (const answer of [...one.answers].reverse()) {
      const digit = Number(rest % base);
      rest /= base;
      if (digit) mine.unshift([answer.id, digit]);
    }
    grades.unshift([one.id, Object.fromEntries(mine)]);
  }
  return { tag, vote, rulebook_id: frame.rulebooks[half], grades: Object.fromEntries(grades) };
}

function payloadLimit(frame) {
  const answers = frame.cases.reduce((sum, one) => sum + one.answers.length, 0);
  return 4n * BigInt(frame.n_grades + 1) ** BigInt(answers);
}

function payloadLength(frame) {
  const base = BigInt(frame.alphabet.length), limit = payloadLimit(frame);
  let n = 1;
  while (base ** BigInt(n) < limit) n++;
  const rest = (N_TAG + n + N_DIGEST + N_CHECK) % GROUP;
  return rest ? n + GROUP - rest : n;
}

function spell(number, length, alphabet) {
  const base = BigInt(alphabet.length);
  let signs = "";
  for (let left = number; signs.length < length; left /= base) signs = alphabet[Number(left % base)] + signs;
  return signs;
}

function valueOf(signs, alphabet) {
  return [...signs].reduce((sum, sign) => sum * BigInt(alphabet.length) + BigInt(alphabet.indexOf(sign)), 0n);
}

// The two signs that make the sum of all signs, and their sum weighted by place (from 1), multiples of 31.
function checkSigns(body, alphabet) {
  const base = alphabet.length, values = [...body].map((sign) => alphabet.indexOf(sign));
  const plain = values.reduce((sum, value) => sum + value, 0);
  const weighted = values.reduce((sum, value, index) => sum + (index + 1) * value, 0);
  const modulo = (number) => ((number % base) + base) % base;
  const last = modulo((values.length + 1) * plain - weighted);
  return alphabet[modulo(-plain - last)] + alphabet[last];
}
