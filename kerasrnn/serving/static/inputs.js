// The fields for the inputs of a signature, and the values that a user put into them.

import { element } from "/elements.js";
import { hintOf, read, written } from "/numbers.js";

const MAX_IMAGES = 64;
const MAX_SAMPLES = 64;
const MAX_LINES = 64;

// What a further input of the exports is without a wish.
const DEFAULTS = { seed: 1, temperature: 1, top_k: 0, top_p: 1, max_length: 40 };
const HINTS = {
  seed: "of the first sample; each further one has the next",
  temperature: "above 1 for more random tokens, 0 for the most likely ones",
  top_k: "how many of the likeliest tokens may be drawn, 0 for all",
  top_p: "the probability that the tokens which may be drawn have together",
  max_length: "tokens",
};

// The names of the inputs that take a text for each row.
export function textInputs(inputs) {
  return Object.keys(inputs).filter((name) => {
    const { dtype, shape } = inputs[name];
    return dtype === "string" && !name.endsWith("_bytes") && shape?.length === 1;
  });
}

// Makes a field for each input. Returns an async function that reads all of them: `columns` has a
// list for each input, one value for each of `count` rows (a scalar stays one), and `images` what
// to draw. Its argument has lists to use in the place of what stands in fields. Of what the export
// says, `example` has by name what stands in them at first, and `columns` names the numbers of a step.
export function makeFields(container, inputs, { example, columns: titles } = {}) {
  // The server sorts them by name; what is asked comes first, a given answer or lists behind it.
  const place = (name) => (name === "text" ? 0 : isList(inputs[name]) ? 2 : 1);
  const names = Object.keys(inputs).sort((a, b) => place(a) - place(b));
  const lists = names.filter((name) => isList(inputs[name]));
  const past = lists.length > 1 ? Math.min(...lists.map((name) => inputs[name].shape[1] ?? Infinity)) : 0;
  const steps = ["tokens", "features"].find((each) => names.includes(each));
  const readers = {};
  const grid = element("div", undefined, "choices");
  container.replaceChildren();
  for (const name of names) {
    // What follows from the steps need not be typed.
    if (name === "length" && steps) continue;
    readers[name] = makeField(name in DEFAULTS ? grid : container, name, inputs[name], example?.[name], { past, titles });
  }
  const draws = "seed" in readers && inputs.seed.shape?.length === 1 ? samplesField(grid) : () => 1;
  if (grid.children.length) container.append(grid);
  return async (given = {}) => {
    const columns = {};
    let images = [];
    for (const [name, read] of Object.entries(readers)) {
      const { value, urls } = name in given ? { value: given[name] } : await read();
      columns[name] = value;
      images = images.concat(urls ?? []);
    }
    const lines = spread(columns);
    const count = repeatForSamples(columns, Object.keys(given).length ? 1 : draws(), lines);
    if (names.includes("length") && !("length" in readers)) {
      columns.length = columns[steps].map((row) => row.length);
    }
    return { columns, count, images };
  };
}

// One value serves all rows; of several there must be as many as of the others.
function spread(columns) {
  const lists = Object.entries(columns).filter(([, value]) => Array.isArray(value));
  const [longest, { length: count } = [null]] = lists.reduce(
    (most, each) => (each[1].length > (most[1]?.length ?? 0) ? each : most), []);
  for (const [name, value] of lists) {
    if (value.length === count) continue;
    if (value.length !== 1) {
      throw new Error(
        `Expected one line in “${spaced(name)}”, or as many as in “${spaced(longest)}” (${count}). Received: ${value.length}`);
    }
    columns[name] = Array(count).fill(value[0]);
  }
  return count;
}

// Each line is asked as often as samples are wished, with a seed of its own.
function repeatForSamples(columns, draws, lines) {
  if (draws === 1) return lines;
  for (const [name, value] of Object.entries(columns)) {
    if (!Array.isArray(value)) continue;
    columns[name] = value.flatMap((each) =>
      Array.from({ length: draws }, (_, k) => (name === "seed" ? each + k : each)));
  }
  return lines * draws;
}

function samplesField(container) {
  const field = numberInput("1", 5);
  field.min = 1;
  field.max = MAX_SAMPLES;
  labelled(container, "samples", field, "for each line");
  return () => {
    const count = Number(field.value);
    if (count >= 1 && count <= MAX_SAMPLES) return Math.floor(count);
    throw new Error(`Expected 1 to ${MAX_SAMPLES} samples. Received: ${field.value}`);
  };
}

const spaced = (name) => name.replaceAll("_", " ");

// Whether an input is a list of numbers, or lists of them.
export const isList = ({ dtype, shape }) => dtype !== "string" && shape?.length > 1;

function makeField(container, name, { dtype, shape }, example, about) {
  const rank = shape === null ? 1 : shape.length;
  if (dtype === "string" && name.endsWith("_bytes") && rank > 0) {
    return imageField(container, name, rank);
  }
  if (dtype === "string" && rank <= 1) return textField(container, name, rank, example);
  if (dtype === "string" && rank === 2) return tokensField(container, name);
  if (rank <= 1) return numberField(container, name, dtype, rank, example);
  return listField(container, name, dtype, shape.slice(1), example, about);
}

function labelled(container, name, field, hint) {
  field.id = `input-${name}`;
  field.name = name;
  const label = element("label", spaced(name));
  label.htmlFor = field.id;
  const parts = [label, field];
  if (hint) {
    const note = element("span", hint, "hint");
    note.id = `hint-${name}`;
    field.setAttribute("aria-describedby", note.id);
    parts.push(note);
  }
  const paragraph = element("p");
  paragraph.append(...parts);
  container.append(paragraph);
}

function textField(container, name, rank, example) {
  const field = element("textarea");
  if (typeof example === "string") field.value = example;
  field.rows = 2;
  field.dir = "auto";
  if (!rank) {
    labelled(container, name, field);
    return async () => ({ value: field.value });
  }
  labelled(container, name, field, name === "answer" ? "Each line is one answer" : "Each line is one instance");
  return async () => {
    const lines = linesOf(field.value);
    if (lines.length > MAX_LINES) {
      throw new Error(`Expected at most ${MAX_LINES} lines; a table takes more. Received: ${lines.length}`);
    }
    return { value: lines };
  };
}

// Empty lines are left out; where there is nothing, the empty text is asked.
function linesOf(text) {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim());
  return lines.length ? lines : [""];
}

function tokensField(container, name) {
  const field = element("textarea");
  field.dir = "auto";
  labelled(container, name, field, "Separated by spaces; all of it is one instance");
  return async () => ({ value: [field.value.split(/\s+/).filter(Boolean)] });
}

function numberField(container, name, dtype, rank, example) {
  if (dtype === "bool") {
    const field = element("select");
    field.append(new Option("false"), new Option("true"));
    labelled(container, name, field);
    return async () => ({ value: rank ? [field.value === "true"] : field.value === "true" });
  }
  const field = numberInput(dtype.startsWith("float") ? "any" : "1", DEFAULTS[name] ?? (typeof example === "number" ? example : 1));
  labelled(container, name, field, name in DEFAULTS ? HINTS[name] : undefined);
  return async () => ({ value: rank ? [Number(field.value)] : Number(field.value) });
}

function numberInput(step, value) {
  const field = element("input");
  field.type = "number";
  field.step = step;
  field.value = value;
  field.required = true;
  return field;
}

function listField(container, name, dtype, sizes, example, about) {
  const field = element("textarea");
  const isTime = name === "time" && dtype === "int64" && sizes.length === 1;
  labelled(container, name, field, hintOf(sizes, about, isTime));
  if (Array.isArray(example)) field.value = written(example, isTime);
  return async () => ({ value: [read(field.value, spaced(name), sizes, isTime)] });
}

function imageField(container, name, rank) {
  const field = element("input");
  field.type = "file";
  field.accept = "image/*";
  field.multiple = rank > 1;
  const drop = element("div", undefined, "drop");
  const preview = element("div", undefined, "preview");
  const hint = rank > 1 ? "Choose images in their order, or drop them here" : "Choose an image, or drop it here";
  labelled(drop, name, field, hint);
  drop.append(preview);
  container.append(drop);
  let urls = [];
  const show = () => {
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = [...field.files].slice(0, MAX_IMAGES).map((file) => URL.createObjectURL(file));
    preview.replaceChildren(...urls.map((url, i) => image(url, field.files[i].name)));
  };
  field.addEventListener("change", show);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    field.files = event.dataTransfer.files;
    show();
  });
  return async () => {
    const files = [...field.files].slice(0, MAX_IMAGES);
    if (!files.length) throw new Error(`Expected an image for “${spaced(name)}”`);
    const value = await Promise.all(files.map(async (file) => ({ b64: await base64(file) })));
    return { value: rank > 1 ? [value] : value.slice(0, 1), urls };
  };
}

function image(url, name) {
  const picture = element("img");
  picture.src = url;
  picture.alt = name;
  return picture;
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}
