// The answers for several rows: one below the other, or held against each other where samples of
// one text, or answers to one text, were asked for.

import { question, renderAnswer } from "/answers.js";
import { heatmap, ranked } from "/charts.js";
import { element, heading, isNumbers } from "/elements.js";
import { readable } from "/tokens.js";

const MOST_COMPARED = 20;

// Returns elements for `rows`, the outputs of each row, and `asked`, the inputs of each. `about` is
// what the export says of itself.
export function renderAnswers(asked, rows, images, about) {
  const draw = comparison(asked, rows);
  const floor = draw && lowerEnd(rows, draw === scores && isNormalised(rows));
  const groups = draw ? grouped(asked, rows) : asked.map((each, i) => ({ asked: [each], rows: [rows[i]] }));
  const parts = groups.map((group) =>
    draw ? draw(group.asked, group.rows, floor) : renderAnswer(group.rows[0], images, group.asked[0], about));
  if (parts.length === 1) return parts[0];
  const articles = parts.map((each, i) => {
    const made = element("article");
    const title = element("h3", `${i + 1}. `, "line");
    title.id = `line-${i + 1}`;
    title.append(element("bdi", readable(question(groups[i].asked[0]))));
    made.setAttribute("aria-labelledby", title.id);
    made.append(title, ...each);
    return made;
  });
  return [...cosines(asked, rows), ...articles];
}

// How alike the vectors of lines are: what one looks for in them.
function cosines(asked, rows) {
  if (rows.length > MOST_COMPARED || !rows.every((row) => isNumbers(row.vector))) return [];
  const size = (vector) => Math.hypot(...vector) || 1;
  const product = (a, b) => a.reduce((sum, each, i) => sum + each * b[i], 0);
  const values = rows.map((row) =>
    rows.map((other) => product(row.vector, other.vector) / size(row.vector) / size(other.vector)));
  const names = asked.map((each) => readable(question(each)));
  const label = "Cosines: a line and a column for each text";
  return [heading("Cosines of their vectors"), heatmap(values, names, names, label, true)];
}

function comparison(asked, rows) {
  const known = rows.every((row) => typeof row.log_prob === "number");
  if (known && "seed" in asked[0] && typeof rows[0].text === "string") return samples;
  if (known && typeof asked[0].answer === "string") return scores;
  return null;
}

// Puts together what was asked of the same input, in the order of the lines.
function grouped(asked, rows) {
  const groups = new Map();
  asked.forEach((each, i) => {
    const key = JSON.stringify({ ...each, seed: null, answer: null });
    const group = groups.get(key) ?? { asked: [], rows: [] };
    group.asked.push(each);
    group.rows.push(rows[i]);
    groups.set(key, group);
  });
  return [...groups.values()];
}

// All bars of an answer have one scale, which ends a little below the least value.
function lowerEnd(rows, normalised) {
  return Math.min(-1, ...rows.map((row) => 1.05 * valueOf(row, normalised)));
}

const valueOf = (row, normalised) => (normalised ? row.score : row.log_prob);

function isNormalised(rows) {
  return rows.every((row) => typeof row.score === "number") && rows.some((row) => row.score !== row.log_prob);
}

function samples(asked, rows, floor) {
  const drawn = new Map();
  for (const { text, log_prob: value } of rows) {
    const times = (drawn.get(text)?.times ?? 0) + 1;
    drawn.set(text, { text, value, times });
  }
  const more = rows.length > drawn.size ? [["Times drawn", ({ times }) => String(times)]] : [];
  return [heading("Samples"), ...ranked([...drawn.values()], "Sample", "Log-probability", floor, more)];
}

function scores(asked, rows, floor) {
  const normalised = isNormalised(rows);
  const lines = rows.map((row, i) => (
    { text: asked[i].answer, value: valueOf(row, normalised), log_prob: row.log_prob }));
  const more = normalised ? [["Log-probability", ({ log_prob }) => log_prob.toFixed(3)]] : [];
  return [heading("Scores"), ...ranked(lines, "Answer", normalised ? "Score" : "Log-probability", floor, more)];
}
