// A table of texts: each row is an instance, and its answers come back as further columns.

import { parseCsv, writeCsv } from "/csv.js";
import { element, scroll } from "/elements.js";
import { isList, textInputs } from "/inputs.js";

const PREVIEW_ROWS = 5;
const FIELDS = "(what the field above has)";
let stopLast = null;

// Fills a container with the fields for a table. `read(given)` returns the inputs of all rows, and
// `send(columns)` the outputs of a few; `limits` is what one request may have.
export function makeTable(container, inputs, { read, send, limits }) {
  const names = textInputs(inputs);
  stopLast?.(); // what runs is of another signature
  container.hidden = !names.length || Object.values(inputs).some(isList);
  if (container.hidden) return;
  const field = Object.assign(element("input"), { type: "file", accept: ".csv,.tsv,text/csv", id: "table-file" });
  const label = Object.assign(element("label", "File (CSV in UTF-8)"), { htmlFor: field.id });
  const hint = element("span", "The first line names the columns; each row is one instance", "hint");
  hint.id = "table-hint";
  field.setAttribute("aria-describedby", hint.id);
  const file = element("p");
  file.append(label, field, hint);
  const parts = {
    choices: element("div", undefined, "choices"),
    buttons: element("p", undefined, "send"),
    progress: element("progress"),
    status: element("p", "", "note"),
    answers: element("div"),
  };
  parts.progress.ariaLabel = "Rows that are answered";
  parts.progress.hidden = true;
  parts.status.role = "status";
  container.querySelector("div").replaceChildren(file, ...Object.values(parts));
  field.addEventListener("change", async () => {
    clear(parts);
    if (!field.files.length) return;
    try {
      const table = parseCsv(await field.files[0].arrayBuffer());
      table.name = field.files[0].name.replace(/\.[^.]*$/, "");
      offerColumns(parts, names, table, (columns) => run(parts, table, columns, { read, send, limits }));
    } catch (error) {
      say(parts, error.message, true);
    }
  });
}

function clear(parts) {
  parts.stop?.();
  for (const name of ["choices", "buttons", "answers"]) parts[name].replaceChildren();
  parts.progress.hidden = true;
  say(parts, "");
}

function say(parts, text, wrong = false) {
  parts.status.textContent = text;
  parts.status.classList.toggle("wrong", wrong);
}

function offerColumns(parts, names, table, answer) {
  const selects = names.map((name, i) => {
    const select = Object.assign(element("select"), { id: `column-${name}` });
    const label = Object.assign(element("label", `Column of “${name.replaceAll("_", " ")}”`), { htmlFor: select.id });
    select.append(...table.header.map((column, j) => new Option(column || `column ${j + 1}`, j)));
    if (i) select.append(new Option(FIELDS, ""));
    const same = table.header.indexOf(name);
    select.value = same >= 0 ? same : i ? "" : longestColumn(table);
    const paragraph = element("p");
    paragraph.append(label, select);
    parts.choices.append(paragraph);
    return select;
  });
  const button = Object.assign(element("button", `Answer ${counted(table.rows.length)}`), { type: "button" });
  button.addEventListener("click", () => {
    answer(Object.fromEntries(names.map((name, i) => [name, selects[i].value]).filter(([, column]) => column !== "")));
  });
  parts.buttons.replaceChildren(button);
}

// A column of texts has longer cells than one of numbers, dates or labels.
function longestColumn({ header, rows }) {
  const sizes = header.map((_, i) => rows.slice(0, 100).reduce((sum, row) => sum + row[i].length, 0));
  return sizes.indexOf(Math.max(...sizes));
}

const counted = (rows) => `${rows} row${rows === 1 ? "" : "s"}`;

async function run(parts, table, columns, { read, send, limits }) {
  const [button] = parts.buttons.children;
  const stop = Object.assign(element("button", "Stop"), { type: "button" });
  const state = { stopped: false };
  parts.stop = () => (state.stopped = true);
  stopLast = parts.stop;
  stop.addEventListener("click", parts.stop);
  parts.buttons.append(stop);
  stop.focus(); // whose keyboard pressed the button: it cannot be in focus while it is disabled
  button.disabled = true;
  parts.answers.replaceChildren();
  const outputs = [];
  try {
    const given = Object.fromEntries(
      Object.entries(columns).map(([name, at]) => [name, table.rows.map((row) => row[at])]));
    const { columns: asked, count } = await read(given);
    Object.assign(parts.progress, { max: count, value: 0, hidden: false });
    say(parts, `0 of ${counted(count)} answered`);
    for (const [begin, end] of batches(asked, count, limits)) {
      if (state.stopped) break;
      outputs.push(...(await answersOf(asked, begin, end, send)));
      parts.progress.value = outputs.length;
      say(parts, `${outputs.length} of ${counted(count)} answered`);
    }
  } catch (error) {
    say(parts, error instanceof TypeError ? "The server does not answer." : error.message, true);
  }
  button.disabled = false;
  if (document.activeElement === stop) button.focus();
  stop.remove();
  if (outputs.length) showAnswers(parts, table, outputs);
}

// Returns [begin, end) of each request: at most so many rows, and so many bytes.
export function* batches(columns, count, { rows, bytes }) {
  const encoder = new TextEncoder();
  let begin = 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const own = encoder.encode(JSON.stringify(slice(columns, i, i + 1))).length;
    if (i > begin && (i - begin >= rows || size + own > bytes - 1000)) {
      yield [begin, i];
      begin = i;
      size = 0;
    }
    size += own;
  }
  yield [begin, count];
}

function slice(columns, begin, end) {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, Array.isArray(value) ? value.slice(begin, end) : value]));
}

// A row that the server refuses does not cost the others their answers: halves are asked again.
async function answersOf(columns, begin, end, send) {
  try {
    return await send(slice(columns, begin, end));
  } catch (error) {
    if (!error.refused) throw error;
    if (end - begin === 1) return [{ error: error.message }];
    const middle = (begin + end) >> 1;
    const first = await answersOf(columns, begin, middle, send);
    return [...first, ...(await answersOf(columns, middle, end, send))];
  }
}

function showAnswers(parts, table, outputs) {
  const answered = withAnswers(table, outputs);
  URL.revokeObjectURL(parts.url);
  const url = URL.createObjectURL(new Blob([writeCsv(answered)], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(element("a", "Download the answers"), { href: url, download: `${table.name}_answers.csv` });
  parts.url = url;
  const wrong = outputs.filter((row) => "error" in row).length;
  const rest = wrong ? `; ${counted(wrong)} refused, see the column “error”` : "";
  const whole = outputs.length === table.rows.length;
  const answers = whole ? counted(outputs.length) : `Stopped: ${outputs.length} of ${counted(table.rows.length)}`;
  if (!parts.status.classList.contains("wrong")) say(parts, `${answers} answered${rest}`);
  const more = outputs.length > PREVIEW_ROWS ? `The first ${PREVIEW_ROWS} rows:` : "";
  const line = element("p");
  line.append(link);
  parts.answers.replaceChildren(line, element("p", more, "note"), previewOf(answered, outputs));
}

// The table with a column for each output: numbers and texts as they are, lists of them as JSON.
// What has more axes, such as attention, is for pictures.
function withAnswers({ header, rows, separator, mark }, outputs) {
  const flat = (value) => !Array.isArray(value) || !value.some(Array.isArray);
  const names = [...new Set(outputs.flatMap(Object.keys))].filter((name) => outputs.every((row) => flat(row[name])));
  const written = (value) => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));
  const titles = names.map((name) => (header.includes(name) ? `answer_${name}` : name));
  return {
    header: [...header, ...titles],
    rows: outputs.map((row, i) => [...rows[i], ...names.map((name) => written(row[name]))]),
    separator,
    mark,
  };
}

// The columns of the answers that are lists take more room than they tell.
function previewOf({ header, rows }, outputs) {
  const lists = (i) => Array.isArray(outputs[0][header[i].replace(/^answer_/, "")]);
  const kept = header.map((_, i) => i).filter((i) => !lists(i));
  const preview = element("table", undefined, "numbers preview-table");
  const cells = (values, name) => kept.map((i) => values[i]).map((value) => element(name, value.length > 60 ? `${value.slice(0, 60)}…` : value));
  const lines = [cells(header, "th"), ...rows.slice(0, PREVIEW_ROWS).map((row) => cells(row, "td"))];
  preview.append(...lines.map((line) => {
    const made = element("tr");
    made.append(...line);
    return made;
  }));
  return scroll(preview);
}
