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

// A number with as many digits as people read; the reply has all.
export const short = (value) => String(Number(value.toPrecision(6)));

// A table in a box of its own. Where it is wider than the box, a sentence says so, and a shadow is
// on each side that has more.
export function scroll(table) {
  const outer = element("div");
  const frame = element("div", undefined, "frame");
  const made = element("div", undefined, "scroll");
  made.tabIndex = 0;
  made.role = "group";
  made.ariaLabel = "A table that may be scrolled";
  made.append(table);
  frame.append(made);
  const hint = element("p", "Wider than the page: scroll the table sideways", "note");
  hint.hidden = true; // until the width is known
  outer.append(hint, frame);
  const look = () => {
    const rest = made.scrollWidth - made.clientWidth;
    hint.hidden = rest <= 1;
    frame.classList.toggle("more-before", made.scrollLeft > 1);
    frame.classList.toggle("more-behind", rest - made.scrollLeft > 1);
  };
  made.addEventListener("scroll", look, { passive: true });
  const observer = new ResizeObserver(look);
  observer.observe(made);
  observer.observe(table);
  return outer;
}
