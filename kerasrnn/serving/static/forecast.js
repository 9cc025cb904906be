// A forecast: a curve for each target with what was known before it, and a table of its steps.

import { element, scroll, short } from "/elements.js";
import { timeOf } from "/numbers.js";

// Its address is known to the browser, so that the page names none.
const template = element("template");
template.innerHTML = "<svg></svg>";
const SVG = template.content.firstChild.namespaceURI;

// Returns elements for `row`, with `forecast` (H, K) and perhaps `quantiles` (H, K, Q), of what was
// `asked`; `targets` and `levels` name the targets and the quantiles where they are known.
export function forecastOf(row, asked, { targets, quantiles: levels } = {}) {
  const number = row.forecast[0]?.length ?? 0;
  const names = targets?.length === number ? targets : row.forecast[0].map((_, k) => `${k + 1}`);
  const curves = names.map((name, k) => curve(name, pastOf(asked, name), valuesOf(row, k)));
  return [...curves, table(row, names, levels, timesOf(asked, row.forecast.length))];
}

function valuesOf({ forecast, quantiles }, k) {
  const band = quantiles?.map((step) => [step[k][0], step[k].at(-1)]);
  return { values: forecast.map((step) => step[k]), band };
}

// The input of a column has its name, with `_` for what a SavedModel does not take.
function pastOf(asked, name) {
  const past = asked[name.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "")];
  return Array.isArray(past) && past.every(Number.isFinite) ? past : [];
}

function timesOf({ time }, steps) {
  if (!Array.isArray(time) || time.length < steps) return null;
  const found = time.slice(-steps).map((each) => timeOf(each).replace("T", " "));
  return found.every((each) => each.endsWith(" 00:00")) ? found.map((each) => each.slice(0, -6)) : found;
}

function table({ forecast, quantiles }, names, levels, times) {
  const number = quantiles?.[0]?.[0]?.length ?? 0;
  const titles = number === levels?.length ? levels.map((level) => `${level}`) : Array.from({ length: number }, (_, q) => `quantile ${q + 1}`);
  const made = element("table", undefined, "numbers");
  const head = element("tr");
  head.append(header(times ? "time" : "step"));
  for (const name of names) head.append(header(name), ...titles.map((title) => header(title)));
  const lines = forecast.map((step, i) => {
    const line = element("tr");
    line.append(Object.assign(element("th", times?.[i] ?? `${i + 1}`), { scope: "row" }));
    step.forEach((value, k) => {
      line.append(element("td", short(value)), ...(quantiles?.[i][k] ?? []).map((each) => element("td", short(each), "soft")));
    });
    return line;
  });
  made.append(head, ...lines);
  return scroll(made);
}

function header(text) {
  return Object.assign(element("th", text), { scope: "col" });
}

function curve(name, past, { values, band }) {
  const figure = element("figure", undefined, "curve");
  const all = [...past, ...values, ...(band ?? []).flat()];
  const least = Math.min(...all);
  const range = Math.max(...all) - least || 1;
  const last = Math.max(1, past.length + values.length - 1);
  const place = (value, i) => `${(1000 * i) / last},${190 - (180 * (value - least)) / range}`;
  const picture = drawn("svg", { viewBox: "0 0 1000 200", preserveAspectRatio: "none", role: "img" });
  picture.append(Object.assign(drawn("title"), { textContent: name }));
  if (band) {
    const low = band.map(([value], i) => place(value, past.length + i));
    const high = band.map(([, value], i) => place(value, past.length + i));
    picture.append(drawn("polygon", { points: [...low, ...high.reverse()].join(" "), class: "band" }));
  }
  const before = past.map(place);
  const after = values.map((value, i) => place(value, past.length + i));
  picture.append(drawn("polyline", { points: before.join(" "), class: "past" }));
  picture.append(drawn("polyline", { points: [...before.slice(-1), ...after].join(" "), class: "ahead" }));
  const said = past.length ? ": what was given, then the forecast" : ": the forecast";
  const ends = `; from ${short(least)}, below, to ${short(Math.max(...all))}, above`;
  figure.append(picture, element("figcaption", `${name}${said}${band ? " between its outer quantiles" : ""}${ends}`));
  return figure;
}

function drawn(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
