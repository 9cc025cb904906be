// What all answers are built of.

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function heading(text) {
  return element("h3", text);
}

export const isTexts = (value) => Array.isArray(value) && value.every((each) => typeof each === "string");
export const isNumbers = (value) => Array.isArray(value) && value.every((each) => typeof each === "number");

export function percent(value) {
  const near = value > 0.9995 || value < 0.0005;
  return `${(100 * value).toFixed(value === 1 || value === 0 ? 0 : near ? 2 : 1)} %`;
}

export function scroll(table) {
  const made = element("div", undefined, "scroll");
  made.tabIndex = 0;
  made.role = "group";
  made.ariaLabel = "A table that may be scrolled";
  made.append(table);
  return made;
}
