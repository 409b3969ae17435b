import { DEEPEST_LEVEL, endOfString, isNestedTooDeep, isOpening } from "../aws/nesting";

/** The body is no JSON, or has what the gateway's validator does not take. */
export class JsonFault extends Error {}

/**
 * Commas and opening brackets, each of which begins a value at most. No body of up to 1 MiB has more, and nothing behind
 * an API takes a larger one; 10 MB of nothing but them would keep the run busy for seconds.
 */
const MOST_VALUES = 1_048_576;

/** From here on there are no numbers between the integers. */
const FRACTIONS_END = 2 ** 52;

/** A number from its first digit on; the group says whether it has a fraction or an exponent. */
const NUMBER = /\d+([.eE][\d.eE+-]*)?/y;

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * Parses a body as the gateway's validator reads it, which is stricter than `JSON.parse`:
 * - a name that stands twice in one object is refused, and so are nesting beyond 1,000 levels and more than a million
 *   values;
 * - draft 4 knows 1.0 and 1e3 as numbers, not as integers. `JSON.parse` does not tell them from 1 and 1000, so they
 *   come back a last place higher, which is a number still and (below 2^52) no integer.
 *
 * @throws JsonFault
 */
export function parseStrictJson(text: string): unknown {
  if (isNestedTooDeep(text)) throw new JsonFault(`it is nested deeper than ${DEEPEST_LEVEL} levels`);
  const { names, fractions } = scan(text);
  const document = parse(text);
  if (names !== countNames(document)) throw new JsonFault("a name stands twice in an object");
  return fractions.length === 0 ? document : parse(withoutIntegralFractions(text, fractions));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new JsonFault(error instanceof Error ? error.message : "no JSON");
  }
}

interface Literal {
  readonly start: number;
  readonly end: number;
}

/**
 * Counts the names of what may be JSON (outside strings every colon follows one) and finds numbers like 1.5, 1.0 and 1e3.
 *
 * @throws JsonFault for too many values
 */
function scan(text: string): { readonly names: number; readonly fractions: readonly Literal[] } {
  const fractions: Literal[] = [];
  let names = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === COLON) names += 1;
    else if (code === COMMA || isOpening(code)) {
      values += 1;
      if (values > MOST_VALUES) throw new JsonFault(`it has more than ${MOST_VALUES} values`);
    } else if (isDigit(code)) {
      NUMBER.lastIndex = index;
      const isFraction = NUMBER.exec(text)?.[1] !== undefined;
      if (isFraction) fractions.push({ start: index, end: NUMBER.lastIndex });
      index = NUMBER.lastIndex - 1;
    }
  }
  return { names, fractions };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const member of value) count += countNames(member);
  else for (const name in value) count += 1 + countNames((value as Record<string, unknown>)[name]);
  return count;
}

function withoutIntegralFractions(text: string, literals: readonly Literal[]): string {
  let result = "";
  let copied = 0;
  for (const { start, end } of literals) {
    const value = Number(text.slice(start, end));
    result += text.slice(copied, start);
    result +=
      Number.isInteger(value) && value < FRACTIONS_END
        ? String(aLastPlaceHigher(value))
        : text.slice(start, end);
    copied = end;
  }
  return result + text.slice(copied);
}

function aLastPlaceHigher(value: number): number {
  return value === 0 ? Number.MIN_VALUE : value + value * Number.EPSILON;
}
