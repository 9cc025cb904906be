// What an answer looks like. `row` holds the outputs for the one thing that was asked.

import { bars, candidates, heatmap, places, shades, similar, tags } from "/charts.js";
import { element, heading, isNumbers, isTexts, percent, short } from "/elements.js";
import { forecastOf } from "/forecast.js";
import { least, mean, meanRow, readable, signs, total } from "/tokens.js";

// What was asked, as one text.
export function question({ answer, ...rest }) {
  if (typeof rest.first === "string" && typeof rest.second === "string") return `${rest.first} | ${rest.second}`;
  return rest.text ?? Object.values(rest).find((value) => typeof value === "string") ?? answer ?? "";
}

// Returns elements for the outputs that it knows, and a list of the others, of what was `asked`;
// `about` is what the export says of itself.
export function renderAnswer(row, images, asked, about) {
  const text = question(asked);
  const parts = [];
  const shown = new Set();
  const use = (...names) => names.forEach((name) => shown.add(name));
  const headline = row.text ?? row.label;
  if (typeof headline === "string") {
    const line = element("p", readable(headline) || "(an empty text)", "headline");
    line.dir = "auto";
    parts.push(line);
    use("text", "label");
  }
  if (isTexts(row.chosen)) {
    const chosen = row.chosen.slice(0, row.number ?? row.chosen.length);
    parts.push(element("p", chosen.map(readable).join(", ") || "(no label)", "headline"));
    use("chosen", "number");
  }
  parts.push(...confidence(row, use));
  if (isTexts(row.labels) && isNumbers(row.probabilities)) {
    parts.push(heading("Probabilities"), bars(row.labels, row.probabilities, row.thresholds));
    use("labels", "probabilities", "thresholds");
  }
  if (isTexts(row.targets) && isNumbers(row.numbers)) {
    parts.push(heading("Numbers"), list(row.targets.map((name, i) => [name, short(row.numbers[i])])));
    use("targets", "numbers");
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
    parts.push(heading("Labels"), taggedSigns(row.labels.slice(0, length), row.tokens, weights));
    use("labels", "tokens", "confidence", "probability", "length");
  }
  if (isTexts(row.tokens) && isNumbers(row.token_log_probs)) {
    const found = signs(row.tokens.slice(0, row.length), text);
    const probabilities = found.map((sign) => Math.exp(total(row.token_log_probs, sign)));
    parts.push(heading("Probability of each token"), shades(tokensOf(found), probabilities));
    use("tokens", "token_log_probs", "length");
  }
  if (isTexts(row.label_names) && isTexts(row.tokens) && row.probabilities?.every?.(isNumbers)) {
    const found = signs(row.tokens.slice(0, row.length));
    const rows = found.map((sign) => meanRow(row.probabilities, sign));
    const note = element("p", "Each line: the probabilities of the labels of this token", "note");
    const label = "Probabilities: a line for each token, a column for each label";
    parts.push(heading("Probabilities"), note, heatmap(rows, tokensOf(found), row.label_names, label));
    use("label_names", "tokens", "probabilities", "length");
  }
  parts.push(...attention(row, images, use));
  if (Array.isArray(row.forecast) && row.forecast.length && row.forecast.every(isNumbers)) {
    parts.push(heading("Forecast"), ...forecastOf(row, asked, about));
    use("forecast", "quantiles");
  }
  if (isTexts(row.words) && isNumbers(row.similarities)) {
    const found = row.words.filter(Boolean);
    parts.push(heading("Nearest words"), found.length ? similar(found, row.similarities) : element("p", "None of the words has a vector"));
    use("words", "similarities");
  }
  if (isNumbers(row.vector)) {
    parts.push(heading(`Vector of ${row.vector.length} numbers`), vectorOf(row));
    use("vector", "known");
  }
  const others = Object.entries(row).filter(([name]) => !shown.has(name));
  if (others.length) parts.push(list(others));
  return parts;
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

function attention(row, images, use) {
  const weights = row.attention;
  if (!Array.isArray(weights) || !weights.length) return [];
  if (isNumbers(weights) && isTexts(row.tokens)) {
    use("attention", "tokens", "length");
    if (!weights.some(Boolean)) return [];
    const found = signs(row.tokens.slice(0, row.length));
    return [heading("Attention"), shades(tokensOf(found), found.map((sign) => total(weights, sign)))];
  }
  if (!weights.every(isNumbers)) return [];
  const target = row.target_tokens ?? row.tokens;
  const length = row.target_length ?? row.length ?? target?.length ?? weights.length;
  const found = signs(weights.slice(0, length).map((_, i) => target?.[i] ?? `${i + 1}`));
  const rows = found.map((sign) => meanRow(weights, sign));
  use("attention", "target_tokens", "target_length");
  if (isTexts(row.source_tokens)) {
    const columns = signs(row.source_tokens.slice(0, row.source_length));
    const sums = rows.map((line) => columns.map((sign) => total(line, sign)));
    use("source_tokens", "source_length");
    const note = element("p", "Each line: where the model looked for this token of the answer", "note");
    const label = "Attention: a line for each token of the answer, a column for each of the text";
    return [heading("Attention"), note, heatmap(sums, tokensOf(found), tokensOf(columns), label)];
  }
  use("tokens", "length");
  return [heading("Attention"), places(rows, tokensOf(found), images?.[0])];
}

const tokensOf = (found) => found.map(({ token }) => token);

function taggedSigns(labels, tokens, weights) {
  const found = signs(labels.map((_, i) => (isTexts(tokens) ? tokens[i] : `${i + 1}`)));
  const shares = isNumbers(weights) ? found.map((sign) => least(weights, sign)) : undefined;
  return tags(found.map((sign) => labels[sign.places[0]]), tokensOf(found), shares);
}

function vectorOf({ vector, known }) {
  const made = element("div");
  if (typeof known === "number") made.append(element("p", `Words with a vector: ${known}`, "note"));
  made.append(element("p", vector.map((each) => each.toFixed(4)).join(" "), "vector"));
  return made;
}

function list(entries) {
  const made = element("dl");
  for (const [name, value] of entries) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    made.append(element("dt", name.replaceAll("_", " ")), element("dd", text.slice(0, 2000)));
  }
  return made;
}
