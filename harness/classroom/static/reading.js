// The teacher's side of the edition in one file: pasted codes to bars and to a table.
import { counted, fill } from "./entry.js";
import { readCodes } from "./codec.js";

export function mountReading({ page, words }) {
  let replies = [];
  const byId = (id) => document.getElementById(id);
  byId("export-session").value = today();
  byId("read").addEventListener("click", read);
  byId("export-session").addEventListener("input", drawTable);
  byId("export-separator").addEventListener("change", drawTable);
  byId("export-save").addEventListener("click", save);

  function read() {
    const found = readCodes(byId("codes").value, page);
    replies = found.replies;
    const said = [counted(words, "read", replies.length, page.language)];
    if (found.again) said.push(fill(words.read_again, { n: found.again }));
    if (found.replaced.length) said.push(fill(words.read_replaced, { tags: found.replaced.join(", ") }));
    byId("read-state").textContent = said.join(" ");
    byId("read-bad").replaceChildren(...found.bad.map((bad) => {
      const trouble = words[`trouble_${bad.trouble}`];
      return make("li", fill(words.bad_line, { ...bad, trouble }));
    }));
    drawBars();
    byId("export").hidden = !replies.length;
    drawTable();
  }

  // --- bars: all rulebooks together, then each half ------------------------------------------------------

  function drawBars() {
    const parts = [];
    for (const vote of [1, 2]) {
      const voted = replies.filter((reply) => reply.vote === vote);
      if (!voted.length) continue;
      parts.push(make("h2", vote === 1 ? words.vote_title_1 : words.vote_title_2));
      if (voted.length < page.min_shown) parts.push(make("p", fill(words.too_few, { min: page.min_shown })));
      else parts.push(...page.cases.map((one, index) => drawCase(one, index, voted)));
    }
    byId("read-bars").replaceChildren(...parts);
  }

  function drawCase(one, index, voted) {
    const card = make("section", "", "card"), halves = page.rulebooks.length > 1 ? page.rulebooks : [];
    card.append(make("h3", `${index + 1}. ${one.title}`), barTable(one, voted));
    for (const rulebook of halves) {
      const half = voted.filter((reply) => reply.rulebook_id === rulebook);
      const title = fill(words.half, { rulebook: page.rulebook_titles[rulebook], n: half.length });
      card.append(make("h4", title), half.length < page.min_shown
        ? make("p", fill(words.too_few, { min: page.min_shown })) : barTable(one, half));
    }
    return card;
  }

  function barTable(one, voted) {
    const table = make("table", "", "table bars"), head = make("tr"), body = make("tbody");
    head.append(
      headCell(words.answer),
      headCell(words.picture),
      ...range(page.n_grades).map((grade) => headCell(String(grade))),
      headCell(words.blank_head),
    );
    for (const { id, letter } of one.answers) {
      const counts = range(page.n_grades).map((grade) => voted.filter((reply) => reply.grades[one.id]?.[id] === grade).length);
      const blank = voted.length - counts.reduce((sum, n) => sum + n, 0), row = make("tr");
      const name = headCell(letter);
      name.scope = "row";
      const drawn = make("td", "", "bars__drawn");
      drawn.append(stack(counts, blank));
      row.append(name, drawn, ...counts.map((n) => make("td", String(n))), make("td", String(blank)));
      body.append(row);
    }
    const top = make("thead"), frame = make("div", "", "scroll");
    top.append(head);
    table.append(top, body);
    frame.append(table);
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", one.title);
    return frame;
  }

  function stack(counts, blank) {
    const space = "http://www.w3.org/2000/svg", picture = document.createElementNS(space, "svg");
    const all = [...counts, blank].reduce((sum, n) => sum + n, 0) || 1, width = 240;
    picture.setAttribute("viewBox", `0 0 ${width} 32`);
    picture.setAttribute("class", "stack");
    picture.setAttribute("aria-hidden", "true");
    let x = 0;
    [...counts.map((n, index) => [n, index + 1]), [blank, 0]].forEach(([n, grade]) => {
      if (!n) return;
      const wide = (width * n) / all, box = document.createElementNS(space, "rect"), digit = document.createElementNS(space, "text");
      for (const [name, value] of Object.entries({ x, y: 0, width: wide, height: 32, class: `g${grade}` })) box.setAttribute(name, value);
      for (const [name, value] of Object.entries({ x: x + wide / 2, y: 21 })) digit.setAttribute(name, value);
      digit.textContent = grade || "–";
      picture.append(box, digit);
      x += wide;
    });
    return picture;
  }

  // --- the table, in the columns of docs/people.md ---------------------------------------------------------

  function drawTable() {
    byId("export-text").value = table();
  }

  function table() {
    const session = byId("export-session").value.trim().toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[^a-z0-9]+/, "") || today();
    const rows = [["session", "annotator_id", "case_id", "answer_id", "grade", "rulebook_id", "phase", "language"]];
    for (const reply of replies)
      for (const one of page.cases)
        for (const { id } of one.answers) {
          const grade = reply.grades[one.id]?.[id];
          if (grade) rows.push([session, `c-${reply.tag.toLowerCase()}`, one.id, id, grade, reply.rulebook_id, reply.vote, page.language]);
        }
    return rows.map((row) => row.join(byId("export-separator").value)).join("\r\n") + "\r\n";
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`\ufeff${table()}`], { type: "text/csv" }));
    link.download = `${byId("export-session").value.trim() || today()}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function headCell(text) {
    const cell = make("th", text);
    cell.scope = "col";
    return cell;
  }
}

function make(name, text = "", className = "") {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function range(n) {
  return Array.from({ length: n }, (_, index) => index + 1);
}

function today() {
  const now = new Date(), two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
