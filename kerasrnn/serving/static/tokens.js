// Tokens as readers see them: a sign of several code points is one, and nothing is an empty box.

const segmenter = globalThis.Intl?.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" });
const UNKNOWN = "<unknown>";
const LETTERS = String.raw`[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]`;
// A joiner joins something only between letters or pictures.
const LOOSE_JOINER = new RegExp(`(?<!${LETTERS})\\u200d|\\u200d(?!${LETTERS})|\\ufeff`, "gu");

function isOneSign(text) {
  return segmenter ? [...segmenter.segment(text)].length === 1 : false;
}

// Returns which tokens make up each sign: `{ token, places }`. Characters that are joined to one
// emoji or syllable are one token; words never are, for together they are more than one sign. With
// the `text` that the tokens are of, this holds for characters that are unknown to the model too.
export function signs(tokens, text) {
  const found = [];
  charactersOf(tokens, text).forEach((token, i) => {
    const last = found.at(-1);
    if (last?.token && token && isOneSign(last.token + token)) {
      last.token += token;
      last.places.push(i);
    } else {
      found.push({ token, places: [i] });
    }
  });
  return found.map(({ token, places }) => (
    { token: places.some((i) => tokens[i] === UNKNOWN) ? UNKNOWN : token, places }));
}

// The characters of the text where the tokens are these, else the tokens.
function charactersOf(tokens, text) {
  const characters = [...(text ?? "")];
  const same = characters.length <= tokens.length && characters.every((each, i) => [each, UNKNOWN].includes(tokens[i]));
  return same ? [...characters, ...tokens.slice(characters.length)] : tokens;
}

export const total = (values, { places }) => places.reduce((sum, i) => sum + (values[i] ?? 0), 0);
export const mean = (values, sign) => total(values, sign) / sign.places.length;
export const least = (values, { places }) => Math.min(...places.map((i) => values[i]));
export const meanRow = (rows, sign) => rows[sign.places[0]].map((_, j) => mean(rows.map((row) => row[j]), sign));

// Returns a text whose line ends are kept and whose joiners all join something.
export function readable(text) {
  return text.replace(LOOSE_JOINER, "");
}

// Returns a token in which spaces, line ends and marks without a shape of their own can be seen.
export function visible(token) {
  if (!token) return "∅";
  if (/^[ \u00a0\u3000]+$/.test(token)) return "␣".repeat(token.length);
  const lines = token.replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, "↵").replaceAll("\t", "⇥");
  if (/^\p{M}+$/u.test(lines) && !/[\ufe00-\ufe0f]/.test(lines)) return `◌${lines}`;
  if (/^[\p{Cc}\p{Cf}\ufe00-\ufe0f]+$/u.test(lines)) return [...lines].map(codePoint).join(" ");
  return readable(lines);
}

function codePoint(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
