/** As the Jackson library, with which AWS's services read JSON, limits it by default. */
export const DEEPEST_LEVEL = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether a text that may be JSON has more than 1,000 levels of arrays and objects. Asked before `JSON.parse`, which takes
 * seconds for millions of brackets, and before anything that visits the levels one inside the other.
 */
export function isNestedTooDeep(text: string): boolean {
  // Most texts are too short to hold as many levels.
  if (text.length <= DEEPEST_LEVEL) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (isOpening(code)) {
      depth += 1;
      if (depth > DEEPEST_LEVEL) return true;
    } else if (isClosing(code)) depth -= 1;
  }
  return false;
}

/** The position of the closing quote, the next one that an even number of backslashes precedes; the text's end without. */
export function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

/** `[` or `{`. */
export function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

/** `]` or `}`. */
function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
