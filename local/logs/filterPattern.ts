import { AwsError } from "../aws/error";
import { parseJsonPattern } from "./jsonPattern";
import { compileRegex, readDelimited } from "./patternText";

/** A parsed filter pattern. */
export interface MessageFilter {
  readonly matches: (message: string) => boolean;
  /** Texts that every matching message contains; they let a search skip most of the others. */
  readonly terms: readonly string[];
}

type Test = (message: string) => boolean;

/** The terms of a pattern by their sign: required, optional (`?`), excluded (`-`). */
interface Terms {
  readonly required: Test[];
  readonly optional: Test[];
  readonly excluded: Test[];
  readonly texts: string[];
}

const LONGEST_PATTERN = 1024;

/**
 * Parses a filter pattern as the CloudWatch Logs User Guide describes it ("Filter pattern syntax"): terms,
 * `"phrases"`, `?optional`, `-excluded`, `%regular expressions%`, and patterns over JSON between braces.
 *
 * @throws AwsError `InvalidParameterException` that quotes what is malformed or not supported
 */
export function parseFilterPattern(pattern: string): MessageFilter {
  if (pattern.length > LONGEST_PATTERN)
    throw new AwsError(
      "InvalidParameterException",
      `A filter pattern has at most ${LONGEST_PATTERN} characters.`,
    );
  const text = pattern.trim();
  if (text.startsWith("{")) return parseJsonPattern(text);
  if (text.startsWith("["))
    throw new AwsError(
      "InvalidParameterException",
      `Patterns for space-delimited events are not supported here: ${text}`,
    );
  return combine(readTerms(text));
}

function readTerms(text: string): Terms {
  const terms: Terms = { required: [], optional: [], excluded: [], texts: [] };
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const sign = text.charAt(at);
    if (sign === "?" || sign === "-") at += 1;
    const { test, literal, end } = readTerm(text, at);
    at = end;
    if (sign === "?") terms.optional.push(test);
    else if (sign === "-") terms.excluded.push(test);
    else {
      terms.required.push(test);
      if (literal !== undefined) terms.texts.push(literal);
    }
  }
  return terms;
}

function readTerm(text: string, start: number): { test: Test; literal?: string; end: number } {
  const first = text.charAt(start);
  if (first === '"') {
    const { value, end } = readDelimited(text, start, '"');
    return { test: (message) => message.includes(value), literal: value, end };
  }
  if (first === "%") {
    const { value, end } = readDelimited(text, start, "%");
    const regex = compileRegex(value);
    return { test: (message) => regex.test(message), end };
  }
  const [term = ""] = /^\S*/.exec(text.slice(start)) ?? [];
  if (!/^\w+$/.test(term))
    throw new AwsError(
      "InvalidParameterException",
      `Invalid character(s) in term '${term}': put a term with other than letters, digits and underscores in double quotation marks.`,
    );
  return { test: (message) => message.includes(term), literal: term, end: start + term.length };
}

/** Optional terms count only when nothing is required: beside a required term CloudWatch Logs ignores them. */
function combine({ required, optional, excluded, texts }: Terms): MessageFilter {
  const wanted = required.length === 0 && optional.length > 0;
  return {
    matches: (message) =>
      required.every((test) => test(message)) &&
      (!wanted || optional.some((test) => test(message))) &&
      !excluded.some((test) => test(message)),
    terms: texts,
  };
}
