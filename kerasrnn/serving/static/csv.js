// Tables as comma-separated values (RFC 4180), read as they come and written in one form.

const SEPARATORS = [",", ";", "\t"];

// Returns the columns' names, a list of cells for each row, the separator, and whether there was a
// mark of the byte order, which Excel wants. A field in quotes may hold separators and line ends.
export function parseCsv(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("Expected a file in UTF-8. In a spreadsheet choose “CSV UTF-8” to save it");
  }
  const mark = text.startsWith("\ufeff");
  if (mark) text = text.slice(1);
  const separator = separatorOf(text);
  const [header, ...rows] = cellsOf(text, separator);
  if (!header || !rows.length) throw new Error("Expected a line with the columns' names, and rows below it");
  const wrong = rows.findIndex((row) => row.length !== header.length);
  if (wrong >= 0) {
    throw new Error(`Expected ${header.length} cells in row ${wrong + 1}. Received: ${rows[wrong].length}`);
  }
  return { header, rows, separator, mark };
}

// The one that is most often in the first line, outside of quotes.
function separatorOf(text) {
  const line = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0];
  const counts = SEPARATORS.map((each) => line.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

function cellsOf(text, separator) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = text[at] === '"' ? quoted(text, at, separator) : plain(text, at, separator);
    row.push(cell);
    if (text[end] === separator) {
      at = end + 1;
      if (at < text.length) continue;
      row.push(""); // the file ends with a separator
    }
    if (row.length > 1 || row[0]) rows.push(row); // an empty line is no row
    row = [];
    at = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  return rows;
}

function plain(text, begin, separator) {
  let end = begin;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++;
  return [text.slice(begin, end), end];
}

function quoted(text, begin, separator) {
  let cell = "";
  let at = begin + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new Error(`Expected a closing quote for the field that begins “${text.slice(begin + 1, begin + 31)}”`);
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return behind(text, cell, end + 1, separator);
    cell += '"';
    at = end + 2;
  }
}

function behind(text, cell, end, separator) {
  if (end < text.length && ![separator, "\r", "\n"].includes(text[end])) {
    throw new Error(`Expected a separator behind the field “${cell.slice(0, 30)}”`);
  }
  return [cell, end];
}

// Returns the table as text; a cell with quotes, separators, line ends or outer spaces is quoted.
export function writeCsv({ header, rows, separator, mark }) {
  const written = (cell) => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = [header, ...rows].map((row) => `${row.map(written).join(separator)}\r\n`);
  return (mark ? "\ufeff" : "") + lines.join("");
}
