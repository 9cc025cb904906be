// Numbers in a field: a list, or a table with a line for each step, typed or pasted.

const BETWEEN = /[\s,;]+/;

// What is said below a field of `sizes`, such as [14] or [null, 3]; `past` is how many of a list
// lie behind, where the others lie ahead, `titles` are the names of the numbers of a step.
export function hintOf(sizes, { past, titles }, isTime) {
  if (sizes.length > 2) return `JSON, ${sizes.map((size) => size ?? "any").join(" × ")} numbers: lists in lists`;
  if (sizes.length === 2) {
    const lines = sizes[0] === null ? "A line for each step" : `${sizes[0]} lines`;
    const names = titles?.length === sizes[1] ? `: ${titles.join(", ")}` : "; spaces, commas or tabs between them";
    return `${lines}, with ${sizes[1] ?? "its"} number${sizes[1] === 1 ? "" : "s"} in each${names}`;
  }
  const count = sizes[0] === null ? "" : `${sizes[0]} `;
  const ahead = past && past < sizes[0] ? `, ${past} of the past and ${sizes[0] - past} of what is forecast` : "";
  if (isTime) return `${count}times such as 2026-11-28T13:00, or seconds since 1970${ahead}`;
  return `${count}numbers, with spaces, commas or line ends between them${ahead}`;
}

// Writes a list, or a list of steps, for a field.
export function written(value, isTime) {
  if (!value.some(Array.isArray)) return value.map((each) => (isTime ? timeOf(each) : each)).join(" ");
  if (!value.flat().some(Array.isArray)) return value.map((each) => each.join(" ")).join("\n");
  return JSON.stringify(value);
}

// Returns seconds since 1970 as people write them, without the seconds where these are none.
export function timeOf(seconds) {
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(0, text.endsWith(":00.000Z") ? 16 : 19);
}

// Reads what `written` writes, and JSON.
export function read(text, name, sizes, isTime) {
  if (sizes.length > 2 || text.trim().startsWith("[")) return fromJson(text, name, sizes.length);
  if (sizes.length === 1) return list(text, name, sizes[0], isTime ? "times" : "numbers", isTime);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim());
  if (!lines.length) throw new Error(`Expected numbers in “${name}”, a line for each step. Received: nothing`);
  if (sizes[0] !== null && lines.length !== sizes[0]) {
    throw new Error(`Expected ${sizes[0]} lines in “${name}”. Received: ${lines.length}`);
  }
  return lines.map((line, i) => list(line, name, sizes[1], `numbers in line ${i + 1}`));
}

function list(text, name, size, what, isTime) {
  const cells = text.split(BETWEEN).filter(Boolean);
  if (size !== null && cells.length !== size) {
    throw new Error(`Expected ${size} ${what} of “${name}”. Received: ${cells.length}`);
  }
  return cells.map((cell) => {
    const value = isTime && !/^-?\d+$/.test(cell) ? Date.parse(zoned(cell)) / 1000 : Number(cell);
    if (!Number.isFinite(value)) throw new Error(`Expected ${what} of “${name}”. Received: “${cell.slice(0, 40)}”`);
    return value;
  });
}

// A time without a zone is UTC.
const zoned = (text) => (/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : text.includes("T") ? `${text}Z` : text);

function fromJson(text, name, rank) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Expected JSON in “${name}”, such as ${rank === 1 ? "[1, 2, 3]" : "[[1, 2], [3, 4]]"}`);
  }
}
