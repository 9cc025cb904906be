// The page: choose a model, ask it, see what it says.

import { element } from "/elements.js";
import { makeFields } from "/inputs.js";
import { renderAnswers } from "/several.js";
import { makeTable } from "/table.js";

const find = (id) => document.getElementById(id);
const form = find("form");
const choices = { model: find("model"), version: find("version"), signature: find("signature") };
let models = [];
let limits = null;
let readFields = null;

async function start() {
  try {
    ({ models, limits } = await (await fetch("/models.json")).json());
  } catch {
    fail("The server does not answer.");
    return;
  }
  if (!models.length) {
    fail("The server has no model that can be used; its terminal says why.");
    return;
  }
  offer(choices.model, models.map((model) => [model.name]));
  chooseModel();
  find("predict").disabled = false;
}

function offer(select, options) {
  select.replaceChildren(...options.map(([value, text]) => new Option(text ?? value, value)));
}

function chosen() {
  const model = models.find((each) => each.name === choices.model.value);
  const [kind, wanted] = choices.version.value.split(":");
  const number = kind === "label" ? String(model.labels[wanted]) : wanted;
  const version = model.versions.find((each) => each.version === number) ?? model.versions[0];
  const places = { latest: "", label: `/labels/${encodeURIComponent(wanted)}`, number: `/versions/${wanted}` };
  const path = `/v1/models/${encodeURIComponent(model.name)}${places[kind]}:predict`;
  const name = choices.signature.value;
  return { version, path, name, signature: version.signatures[name] };
}

function chooseModel() {
  const model = models.find((each) => each.name === choices.model.value);
  offer(choices.version, [
    ["latest", `newest (${model.versions[0].version})`],
    ...Object.entries(model.labels).map(([label, number]) => [`label:${label}`, `${label} (${number})`]),
    ...model.versions.map(({ version }) => [`number:${version}`, version]),
  ]);
  chooseVersion();
}

function chooseVersion() {
  const { version } = chosen();
  const names = Object.keys(version.signatures);
  offer(choices.signature, names.map((name) => [name]));
  if (names.includes("serving_default")) choices.signature.value = "serving_default";
  find("title").textContent = version.title ?? "Try the exports that this server holds.";
  chooseSignature();
}

function chooseSignature() {
  const target = chosen();
  const { inputs } = target.signature;
  readFields = makeFields(find("inputs"), inputs, target.version);
  makeTable(find("table"), inputs, { read: readFields, send: (columns) => ask(columns, target), limits });
  clear("Nothing asked yet.");
}

function clear(status) {
  find("error").hidden = true;
  find("raw").hidden = true;
  find("answer").replaceChildren();
  find("status").textContent = status;
}

function fail(message) {
  clear("");
  find("error").textContent = message;
  find("error").hidden = false;
}

async function predict(event) {
  event?.preventDefault();
  if (find("predict").disabled) return;
  find("predict").disabled = true;
  clear("Predicting …");
  const begin = performance.now();
  try {
    const target = chosen();
    const { columns, count, images } = await readFields();
    const rows = await ask(columns, target, showRaw);
    find("answer").replaceChildren(...renderAnswers(rowsOf(columns, count), rows, images, target.version));
    const text = rows[0].text ?? rows[0].label;
    const said = rows.length > 1 ? `${rows.length} answers – ` : typeof text === "string" ? `${text} – ` : "";
    find("status").replaceChildren(
      element("span", said, "visually-hidden"),
      element("span", `answered in ${Math.round(performance.now() - begin)} ms`),
    );
  } catch (error) {
    const raw = !find("raw").hidden;
    fail(error instanceof TypeError ? "The server does not answer." : error.message);
    find("raw").hidden = !raw;
  } finally {
    find("predict").disabled = false;
  }
}

// Returns the outputs of each row.
async function ask(columns, { path, name, signature }, show) {
  const body = JSON.stringify({ signature_name: name, inputs: columns });
  const response = await fetch(path, { method: "POST", body });
  const reply = await response.json();
  show?.(path, body, reply);
  if (!response.ok) {
    throw Object.assign(new Error(reply.error), { refused: [400, 413].includes(response.status) });
  }
  const outputs = signature.outputs.length === 1 ? { [signature.outputs[0]]: reply.outputs } : reply.outputs;
  const count = Math.max(1, ...Object.values(columns).map((value) => (Array.isArray(value) ? value.length : 1)));
  const rows = rowsOf(outputs, count);
  return rows.map((row) => Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, trimmed(value, signature.lengths[key] ?? [], row)])));
}

function rowsOf(columns, count) {
  const entries = Object.entries(columns);
  return Array.from({ length: count }, (_, i) => Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value[i] : value])));
}

// Leaves out the padding: rows of one request are as wide as the longest.
function trimmed(value, [axis, ...rest], row) {
  if (!Array.isArray(value)) return value;
  const kept = axis ? value.slice(0, row[axis]) : value;
  return rest.length ? kept.map((each) => trimmed(each, rest, row)) : kept;
}

function showRaw(path, body, reply) {
  const short = body.length > 2000 ? `${body.slice(0, 2000)}…` : body;
  find("curl").textContent = `curl -d '${short.replaceAll("'", "'\\''")}' ${location.origin}${path}`;
  const text = JSON.stringify(reply);
  find("json").textContent = text.length > 20000 ? `${text.slice(0, 20000)}…` : text;
  find("raw").hidden = false;
}

choices.model.addEventListener("change", chooseModel);
choices.version.addEventListener("change", chooseVersion);
choices.signature.addEventListener("change", chooseSignature);
form.addEventListener("submit", predict);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
start();
