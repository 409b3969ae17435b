import { AwsError } from "../aws/error";

/** What a regular expression between percent signs may hold (CloudWatch Logs User Guide, filter pattern syntax). */
const ALLOWED_REGEX = /^[A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+.]*$/;

/**
 * Compiles a regular expression of a filter pattern.
 *
 * @throws AwsError `InvalidParameterException` when it uses what CloudWatch Logs does not allow
 */
export function compileRegex(source: string): RegExp {
  try {
    if (ALLOWED_REGEX.test(source)) return new RegExp(source);
  } catch {
    // A malformed expression gets the same answer as one with characters that are not allowed.
  }
  throw new AwsError(
    "InvalidParameterException",
    `Invalid regular expression in filter pattern: %${source}%`,
  );
}

/**
 * Reads a text that stands between two delimiters. A backslash escapes a delimiter and, between quotation marks,
 * another backslash.
 *
 * @param start where the opening delimiter stands
 * @returns the text without these escapes, and where the rest begins
 * @throws AwsError `InvalidParameterException` when the closing delimiter is missing
 */
export function readDelimited(
  text: string,
  start: number,
  delimiter: string,
): { readonly value: string; readonly end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === delimiter) return { value, end: at + 1 };
    if (character === "\\" && (next === delimiter || (next === "\\" && delimiter === '"'))) {
      value += next;
      at += 1;
    } else value += character;
  }
  throw new AwsError("InvalidParameterException", `Missing ${delimiter} at the end of: ${text.slice(start)}`);
}

/**
 * Whether a value stands in a JSON message as it is, so that a search may look for it in the raw text: nothing that
 * JSON may escape, nothing that JSON may write in another way, such as a number.
 */
export function isPlainText(value: string): boolean {
  return /^[\w :.@+-]+$/.test(value) && Number.isNaN(Number(value));
}
