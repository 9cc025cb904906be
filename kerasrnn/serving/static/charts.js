// The pictures of an answer: bars, coloured tokens, tables and grids over an image.

import { element, percent, scroll } from "/elements.js";
import { visible } from "/tokens.js";

// A bar for each label, the likeliest first; with `thresholds` it says from where on each is answered.
export function bars(labels, probabilities, thresholds) {
  const order = labels.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const made = element("ul", undefined, "bars");
  for (const i of order.slice(0, 12)) {
    const item = element("li");
    const said = thresholds ? `${percent(probabilities[i])}, answered from ${percent(thresholds[i])} on` : percent(probabilities[i]);
    item.append(element("bdi", labels[i], "name"), track(probabilities[i]), element("span", said));
    made.append(item);
  }
  return made;
}

// Words and the cosines of their vectors to one, the nearest first.
export function similar(words, cosines) {
  const made = element("ul", undefined, "bars");
  words.forEach((word, i) => {
    const item = element("li");
    item.append(element("bdi", visible(word), "name"), track(Math.max(0, cosines[i])), element("span", cosines[i].toFixed(3)));
    made.append(item);
  });
  return made;
}

export function candidates(texts, scores) {
  const table = element("table", undefined, "numbers candidates");
  const head = element("tr");
  head.append(element("th", "Answer"), element("th", "Log-probability"));
  const body = texts.map((text, i) => {
    const line = element("tr");
    const cell = element("td");
    cell.append(element("bdi", text ? visible(text) : "(an empty text)"));
    line.append(cell, element("td", scores[i].toFixed(3)));
    return line;
  });
  table.append(head, ...body);
  return scroll(table);
}

// The same label has the same colour everywhere; B-X and I-X are one label.
function hue(label) {
  let hash = 7;
  for (const letter of label.replace(/^[BIES]-/, "")) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
  return (hash * 137.508) % 360; // the golden angle: neighbours in the alphabet look different
}

export function tags(labels, tokens, weights) {
  const made = element("ul", undefined, "tags");
  labels.forEach((label, i) => {
    const item = element("li", undefined, label === "O" ? "plain" : "");
    item.style.setProperty("--hue", hue(label));
    const share = weights ? ` ${percent(weights[i])}` : "";
    item.append(element("bdi", visible(tokens[i])), element("small", label + share));
    made.append(item);
  });
  return made;
}

export function shades(tokens, weights) {
  const made = element("ul", undefined, "tags");
  weights.forEach((weight, i) => {
    const item = element("li", undefined, "shade");
    item.style.setProperty("--weight", weight);
    item.append(element("bdi", visible(tokens[i])), element("small", percent(weight)));
    made.append(item);
  });
  return made;
}

export function heatmap(rows, names, columns, label, shown) {
  const table = element("table", undefined, "heatmap");
  table.ariaLabel = label;
  const head = element("tr");
  head.append(element("td", undefined, "corner"));
  for (const column of columns) head.append(header(column, "col"));
  const first = element("thead");
  first.append(head);
  const body = element("tbody");
  rows.forEach((weights, i) => {
    const line = element("tr");
    line.append(header(names[i], "row"));
    for (const weight of weights.slice(0, columns.length)) line.append(cell(weight, shown));
    body.append(line);
  });
  table.append(first, body);
  return scroll(table);
}

function header(token, scope) {
  const made = element("th");
  made.scope = scope;
  made.append(element("bdi", visible(token)));
  made.title = visible(token);
  return made;
}

function cell(weight, shown) {
  const made = element("td");
  // A number has to be legible on it.
  made.style.setProperty("--weight", Math.max(0, Math.min(1, weight)) * (shown ? 0.5 : 1));
  made.title = weight.toFixed(3);
  made.append(element("span", weight.toFixed(2), shown ? "shown" : "visually-hidden"));
  return made;
}

// Attention over the places of an image: the image under a grid, for each token.
export function places(rows, names, url) {
  const made = element("div", undefined, "places");
  rows.forEach((weights, i) => {
    const side = Math.round(Math.sqrt(weights.length));
    const greatest = Math.max(...weights) || 1;
    const picture = element("div", undefined, "picture");
    if (url) {
      const image = element("img");
      image.src = url;
      image.alt = "";
      picture.append(image);
    }
    const grid = element("div", undefined, "grid");
    grid.style.setProperty("--side", side);
    for (const weight of weights) {
      const place = element("span");
      place.style.setProperty("--weight", weight / greatest);
      grid.append(place);
    }
    picture.append(grid);
    const figure = element("figure");
    figure.append(picture, element("figcaption", visible(names[i])));
    made.append(figure);
  });
  return made;
}

// A table of `{ text, value }`, best first. The values are logarithms of probabilities; `floor` is
// that of an empty bar.
export function ranked(lines, name, valueName, floor, more) {
  const order = [...lines].sort((a, b) => b.value - a.value);
  const table = element("table", undefined, "numbers candidates ranked");
  const head = element("tr");
  const names = ["", name, valueName, ...more.map(([title]) => title)];
  head.append(...names.map((each) => Object.assign(element("th", each), { scope: "col" })));
  head.firstChild.append(element("span", "Rank", "visually-hidden"));
  const body = order.map((line, i) => {
    const made = element("tr");
    const text = element("td", undefined, "text");
    text.append(element("bdi", line.text ? visible(line.text) : "(an empty text)"));
    const value = element("td", undefined, "value");
    value.append(track(Math.max(0, 1 - line.value / floor)), element("span", line.value.toFixed(3)));
    made.append(element("td", String(i + 1)), text, value, ...more.map(([, write]) => element("td", write(line))));
    return made;
  });
  table.append(head, ...body);
  const note = element("p", `A bar runs from ${floor.toFixed(1)} (empty) to 0 (certain)`, "note");
  return [note, scroll(table)];
}

function track(weight) {
  const made = element("span", undefined, "track");
  const bar = element("div", undefined, "bar");
  bar.style.setProperty("--weight", weight);
  made.append(bar);
  return made;
}
