import { AwsError } from "../aws/error";
import type { MessageFilter } from "./filterPattern";
import { jsonObjectOf } from "./jsonObject";
import { compileRegex, isPlainText, readDelimited } from "./patternText";

type Test = (document: Readonly<Record<string, unknown>>) => boolean;
type Compare = (value: unknown) => boolean;

type Token =
  | { readonly kind: "symbol"; readonly text: string }
  | { readonly kind: "selector"; readonly path: readonly (string | number)[] }
  | { readonly kind: "quoted" | "regex" | "word"; readonly text: string };

const SYMBOLS = ["&&", "||", "!=", "<=", ">=", "=", "<", ">", "(", ")"];

/**
 * Parses a pattern for JSON events, such as `{ $.type = "TaskFailed" && $.details.attempts > 2 }` (CloudWatch Logs
 * User Guide, "Filter pattern syntax for JSON log events"). A message that is no JSON object does not match.
 *
 * @throws AwsError `InvalidParameterException` that quotes what is malformed or not supported
 */
export function parseJsonPattern(pattern: string): MessageFilter {
  if (!pattern.endsWith("}")) throw invalid(pattern, "the closing brace is missing");
  const parser = new JsonPatternParser(pattern, tokenize(pattern.slice(1, -1), pattern));
  const test = parser.parse();
  return {
    matches: (message) => {
      const document = jsonObjectOf(message);
      return document !== undefined && test(document);
    },
    terms: parser.terms,
  };
}

class JsonPatternParser {
  /** Plain texts that every match contains; only a pattern without `||` has such. */
  readonly terms: string[] = [];
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly tokens: readonly Token[],
  ) {}

  parse(): Test {
    const test = this.parseAny();
    if (this.at < this.tokens.length) throw invalid(this.pattern, "something follows its end");
    if (this.tokens.some((token) => token.kind === "symbol" && token.text === "||")) this.terms.length = 0;
    return test;
  }

  private parseAny(): Test {
    const tests = [this.parseAll()];
    while (this.takeSymbol("||")) tests.push(this.parseAll());
    return (document) => tests.some((test) => test(document));
  }

  private parseAll(): Test {
    const tests = [this.parseOne()];
    while (this.takeSymbol("&&")) tests.push(this.parseOne());
    return (document) => tests.every((test) => test(document));
  }

  private parseOne(): Test {
    if (this.takeSymbol("(")) {
      const test = this.parseAny();
      if (!this.takeSymbol(")")) throw invalid(this.pattern, "a closing parenthesis is missing");
      return test;
    }
    const selector = this.tokens[this.at++];
    if (selector?.kind !== "selector")
      throw invalid(this.pattern, "a property selector such as $.name is expected");
    const compare = this.parseComparison();
    return (document) => compare(select(document, selector.path));
  }

  private parseComparison(): Compare {
    const token = this.tokens[this.at++];
    if (token?.kind === "symbol") return this.parseOperator(token.text);
    const next = this.tokens[this.at];
    const words = token?.kind === "word" ? token.text.toUpperCase() : "";
    const second = next?.kind === "word" ? next.text.toUpperCase() : "";
    if (words === "EXISTS") return (value) => value !== undefined;
    this.at += 1;
    if (words === "NOT" && second === "EXISTS") return (value) => value === undefined;
    if (words === "IS" && second === "NULL") return (value) => value === null;
    if (words === "IS" && second === "TRUE") return (value) => value === true;
    if (words === "IS" && second === "FALSE") return (value) => value === false;
    throw invalid(this.pattern, "a comparison is expected after the property selector");
  }

  private parseOperator(operator: string): Compare {
    const token = this.tokens[this.at++];
    if (token === undefined || token.kind === "symbol" || token.kind === "selector")
      throw invalid(this.pattern, `a value is expected after ${operator}`);
    if (operator === "=" || operator === "!=") {
      const equal = equality(token);
      // A property that is not there is not different: CloudWatch Logs matches only events that have it.
      if (operator === "!=") return (value) => value !== undefined && !equal(value);
      if (token.kind !== "regex") this.terms.push(...token.text.split("*").filter(isPlainText));
      return equal;
    }
    const limit = Number(token.text);
    if (token.kind !== "word" || Number.isNaN(limit))
      throw invalid(this.pattern, `a number is expected after ${operator}`);
    const orders: Record<string, (value: number) => boolean> = {
      "<": (value) => value < limit,
      "<=": (value) => value <= limit,
      ">": (value) => value > limit,
      ">=": (value) => value >= limit,
    };
    const order = orders[operator];
    if (order === undefined) throw invalid(this.pattern, `${operator} is no comparison`);
    return (value) => typeof value === "number" && order(value);
  }

  private takeSymbol(text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== "symbol" || token.text !== text) return false;
    this.at += 1;
    return true;
  }
}

function equality(token: Extract<Token, { text: string }>): Compare {
  if (token.kind === "regex") {
    const regex = compileRegex(token.text);
    return (value) => typeof value === "string" && regex.test(value);
  }
  const number = token.kind === "word" && token.text !== "" ? Number(token.text) : NaN;
  const wildcard = new RegExp(`^${token.text.split("*").map(escapeRegex).join("[\\s\\S]*")}$`);
  return (value) => {
    if (typeof value === "number")
      return Number.isNaN(number) ? wildcard.test(String(value)) : value === number;
    return typeof value === "string" && wildcard.test(value);
  };
}

function select(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function tokenize(text: string, pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
    if (/\s/.test(character)) at += 1;
    else if (symbol !== undefined) {
      tokens.push({ kind: "symbol", text: symbol });
      at += symbol.length;
    } else if (character === '"' || character === "%") {
      const { value, end } = readDelimited(text, at, character);
      tokens.push({ kind: character === '"' ? "quoted" : "regex", text: value });
      at = end;
    } else {
      const [word = ""] = /^(?:\$[^\s=!<>()&|]*|[^\s=!<>()&|"%]+)/.exec(text.slice(at)) ?? [];
      if (word === "") throw invalid(pattern, `"${character}" is not expected`);
      tokens.push(
        word.startsWith("$")
          ? { kind: "selector", path: selectorPath(word, pattern) }
          : { kind: "word", text: word },
      );
      at += word.length;
    }
  }
  return tokens;
}

function selectorPath(selector: string, pattern: string): (string | number)[] {
  const steps = /(?:\.?\['([^']*)'\])|(?:\[(\d+)\])|(?:\.([^.[\]*]+))/y;
  const path: (string | number)[] = [];
  steps.lastIndex = 1;
  while (steps.lastIndex < selector.length) {
    const step = steps.exec(selector);
    if (step === null) throw invalid(pattern, `the property selector ${selector} is not supported`);
    path.push(step[2] === undefined ? (step[1] ?? step[3] ?? "") : Number(step[2]));
  }
  if (path.length === 0) throw invalid(pattern, "a property selector names no property");
  return path;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function invalid(pattern: string, reason: string): AwsError {
  return new AwsError("InvalidParameterException", `Invalid filter pattern: ${reason} in ${pattern}`);
}
