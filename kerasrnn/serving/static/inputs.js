// The fields for the inputs of a signature, and the values that a user put into them.

import { element } from "/elements.js";

const MAX_IMAGES = 64;

// Makes a field for each input; returns an async function that reads all of them.
export function makeFields(container, inputs) {
  const names = Object.keys(inputs);
  const readers = {};
  container.replaceChildren();
  for (const name of names) {
    // What follows from the tokens need not be typed.
    if (name === "length" && names.includes("tokens")) continue;
    readers[name] = makeField(container, name, inputs[name]);
  }
  return async () => {
    const values = {};
    const images = [];
    for (const [name, read] of Object.entries(readers)) {
      const { value, urls } = await read();
      values[name] = value;
      images.push(...(urls ?? []));
    }
    if (names.includes("length") && !("length" in readers)) {
      values.length = values.tokens.map((row) => row.length);
    }
    return { values, images };
  };
}

function makeField(container, name, { dtype, shape }) {
  const rank = shape === null ? 1 : shape.length;
  if (dtype === "string" && name.endsWith("_bytes") && rank > 0) {
    return imageField(container, name, rank);
  }
  if (dtype === "string" && rank <= 1) return textField(container, name, rank);
  if (dtype === "string" && rank === 2) return tokensField(container, name);
  if (rank <= 1) return numberField(container, name, dtype, rank);
  return jsonField(container, name, shape);
}

function labelled(container, name, field, hint) {
  field.id = `input-${name}`;
  field.name = name;
  const label = element("label", name.replaceAll("_", " "));
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

function textField(container, name, rank) {
  const field = element("textarea");
  field.rows = 2;
  field.dir = "auto";
  labelled(container, name, field);
  return async () => ({ value: rank ? [field.value] : field.value });
}

function tokensField(container, name) {
  const field = element("textarea");
  field.dir = "auto";
  labelled(container, name, field, "Separated by spaces");
  return async () => ({ value: [field.value.split(/\s+/).filter(Boolean)] });
}

function numberField(container, name, dtype, rank) {
  if (dtype === "bool") {
    const field = element("select");
    field.append(new Option("false"), new Option("true"));
    labelled(container, name, field);
    return async () => ({ value: rank ? [field.value === "true"] : field.value === "true" });
  }
  const field = element("input");
  field.type = "number";
  field.step = dtype.startsWith("float") ? "any" : "1";
  field.value = "1";
  field.required = true;
  labelled(container, name, field);
  return async () => ({ value: rank ? [Number(field.value)] : Number(field.value) });
}

function jsonField(container, name, shape) {
  const field = element("textarea");
  const sizes = shape.slice(1).map((size) => size ?? "any").join(" × ");
  labelled(container, name, field, `JSON, ${sizes} numbers: lists in lists`);
  return async () => {
    try {
      return { value: [JSON.parse(field.value)] };
    } catch {
      throw new Error(`Expected JSON in “${name}”, such as [[1, 2], [3, 4]]`);
    }
  };
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
    if (!files.length) throw new Error(`Expected an image for “${name.replaceAll("_", " ")}”`);
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
