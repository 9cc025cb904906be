// What an answer looks like. `row` holds the outputs for the one thing that was asked.

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const isTexts = (value) => Array.isArray(value) && value.every((each) => typeof each === "string");
const isNumbers = (value) => Array.isArray(value) && value.every((each) => typeof each === "number");
const percent = (value) => {
  const near = value > 0.9995 || value < 0.0005;
  return `${(100 * value).toFixed(value === 1 || value === 0 ? 0 : near ? 2 : 1)} %`;
};

// Returns elements for the outputs that it knows, and a list of the others.
export function renderAnswer(row, images) {
  const parts = [];
  const shown = new Set();
  const use = (...names) => names.forEach((name) => shown.add(name));
  const headline = row.text ?? row.label;
  if (typeof headline === "string") {
    const line = element("p", headline || "(an empty text)", "headline");
    line.dir = "auto";
    parts.push(line);
    use("text", "label");
  }
  parts.push(...confidence(row, use));
  if (isTexts(row.labels) && isNumbers(row.probabilities)) {
    parts.push(heading("Probabilities"), bars(row.labels, row.probabilities));
    use("labels", "probabilities");
  }
  for (const texts of ["texts", "candidates", "translations", "captions"]) {
    const scores = row.log_probs ?? row.scores;
    if (isTexts(row[texts]) && isNumbers(scores) && scores.length === row[texts].length) {
      parts.push(heading("Best answers"), candidates(row[texts], scores));
      use(texts, "scores", "log_probs");
    }
  }
  const weights = row.confidence ?? row.probability;
  if (isTexts(row.labels) && !shown.has("labels")) {
    const length = row.length ?? row.labels.length;
    parts.push(heading("Labels"), tags(row.labels.slice(0, length), row.tokens, weights));
    use("labels", "tokens", "confidence", "probability", "length");
  }
  if (isTexts(row.tokens) && isNumbers(row.token_log_probs)) {
    const probabilities = row.token_log_probs.map(Math.exp).slice(0, row.length);
    parts.push(heading("Probability of each token"), shades(row.tokens, probabilities));
    use("tokens", "token_log_probs", "length");
  }
  if (isTexts(row.label_names) && isTexts(row.tokens) && row.probabilities?.every?.(isNumbers)) {
    const rows = row.probabilities.slice(0, row.length);
    const note = element("p", "Each line: the probabilities of the labels of this token", "note");
    const label = "Probabilities: a line for each token, a column for each label";
    parts.push(heading("Probabilities"), note, heatmap(rows, row.tokens, row.label_names, label));
    use("label_names", "tokens", "probabilities", "length");
  }
  parts.push(...attention(row, images, use));
  if (Array.isArray(row.forecast)) {
    parts.push(heading("Forecast"), numberTable(row.forecast));
    use("forecast");
  }
  const others = Object.entries(row).filter(([name]) => !shown.has(name));
  if (others.length) parts.push(list(others));
  return parts;
}

function heading(text) {
  return element("h3", text);
}

function confidence(row, use) {
  if (typeof row.probability === "number") {
    use("probability");
    return [element("p", `Confidence ${percent(row.probability)}`)];
  }
  const name = ["log_prob", "score"].find((each) => typeof row[each] === "number" && row[each] <= 0);
  if (!name) return [];
  use(name);
  const value = row[name];
  // Of a long text no share of a percent is left.
  if (Math.exp(value) < 0.0001) return [element("p", `Log-probability ${value.toPrecision(3)}`)];
  return [element("p", `Confidence ${percent(Math.exp(value))} (log-probability ${value.toPrecision(3)})`)];
}

function bars(labels, probabilities) {
  const order = labels.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const made = element("ul", undefined, "bars");
  for (const i of order.slice(0, 12)) {
    const item = element("li");
    const track = element("span", undefined, "track");
    const bar = element("div", undefined, "bar");
    bar.style.setProperty("--weight", probabilities[i]);
    track.append(bar);
    item.append(element("bdi", labels[i], "name"), track, element("span", percent(probabilities[i])));
    made.append(item);
  }
  return made;
}

function candidates(texts, scores) {
  const table = element("table", undefined, "numbers candidates");
  const head = element("tr");
  head.append(element("th", "Answer"), element("th", "Log-probability"));
  const body = texts.map((text, i) => {
    const line = element("tr");
    const cell = element("td");
    cell.append(element("bdi", text || "(an empty text)"));
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

function tags(labels, tokens, weights) {
  const made = element("ul", undefined, "tags");
  labels.forEach((label, i) => {
    const item = element("li", undefined, label === "O" ? "plain" : "");
    item.style.setProperty("--hue", hue(label));
    const share = isNumbers(weights) ? ` ${percent(weights[i])}` : "";
    item.append(element("bdi", isTexts(tokens) ? tokens[i] : `${i + 1}`), element("small", label + share));
    made.append(item);
  });
  return made;
}

function shades(tokens, weights) {
  const made = element("ul", undefined, "tags");
  weights.forEach((weight, i) => {
    const item = element("li", undefined, "shade");
    item.style.setProperty("--weight", weight);
    item.append(element("bdi", visible(tokens[i])), element("small", percent(weight)));
    made.append(item);
  });
  return made;
}

function visible(token) {
  return { " ": "␣", "\n": "⏎", "\t": "⇥", "": "∅" }[token] ?? token;
}

function attention(row, images, use) {
  const weights = row.attention;
  if (!Array.isArray(weights) || !weights.length) return [];
  if (isNumbers(weights) && isTexts(row.tokens)) {
    use("attention", "tokens");
    const greatest = Math.max(...weights);
    if (!greatest) return [];
    return [heading("Attention"), shades(row.tokens, weights.slice(0, row.tokens.length))];
  }
  if (!weights.every(isNumbers)) return [];
  const target = row.target_tokens ?? row.tokens;
  const length = row.target_length ?? row.length ?? target?.length ?? weights.length;
  const rows = weights.slice(0, length);
  const names = rows.map((_, i) => target?.[i] ?? `${i + 1}`);
  use("attention", "target_tokens", "target_length");
  if (isTexts(row.source_tokens)) {
    const columns = row.source_tokens.slice(0, row.source_length);
    use("source_tokens", "source_length");
    const note = element("p", "Each line: where the model looked for this token of the answer", "note");
    const label = "Attention: a line for each token of the answer, a column for each of the text";
    return [heading("Attention"), note, heatmap(rows, names, columns, label)];
  }
  use("tokens", "length");
  return [heading("Attention"), places(rows, names, images?.[0])];
}

function heatmap(rows, names, columns, label) {
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
    for (const weight of weights.slice(0, columns.length)) line.append(cell(weight));
    body.append(line);
  });
  table.append(first, body);
  return scroll(table);
}

function header(token, scope) {
  const made = element("th");
  made.scope = scope;
  made.append(element("bdi", visible(token)));
  return made;
}

function cell(weight) {
  const made = element("td");
  made.style.setProperty("--weight", Math.min(1, weight));
  made.title = weight.toFixed(3);
  made.append(element("span", weight.toFixed(2), "visually-hidden"));
  return made;
}

// Attention over the places of an image: the image under a grid, for each token.
function places(rows, names, url) {
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

function numberTable(lines) {
  const table = element("table", undefined, "numbers");
  for (const line of lines) {
    const made = element("tr");
    for (const value of Array.isArray(line) ? line : [line]) made.append(element("td", String(value)));
    table.append(made);
  }
  return scroll(table);
}

function list(entries) {
  const made = element("dl");
  for (const [name, value] of entries) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    made.append(element("dt", name.replaceAll("_", " ")), element("dd", text.slice(0, 2000)));
  }
  return made;
}

function scroll(table) {
  const made = element("div", undefined, "scroll");
  made.tabIndex = 0;
  made.role = "group";
  made.ariaLabel = "A table that may be scrolled";
  made.append(table);
  return made;
}
