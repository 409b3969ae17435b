import { malformed } from "./malformed";

/** A piece of a CloudWatch Logs Insights query. */
export type Token =
  /** A command, a keyword, a field or a number. */
  | { readonly kind: "word"; readonly text: string }
  /** A field between backticks. */
  | { readonly kind: "field"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "regex"; readonly regex: RegExp }
  | { readonly kind: "symbol"; readonly text: string };

const PATTERNS: readonly {
  readonly pattern: RegExp;
  readonly token: (match: RegExpExecArray) => Token | undefined;
}[] = [
  { pattern: /\s+|#[^\n]*/y, token: () => undefined },
  {
    pattern: /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y,
    token: ([, a, b]) => ({ kind: "string", text: unescape(a ?? b ?? "") }),
  },
  { pattern: /`([^`]+)`/y, token: ([, text = ""]) => ({ kind: "field", text }) },
  {
    pattern: /\/((?:[^/\\]|\\.)+)\//y,
    token: ([, source = ""]) => ({ kind: "regex", regex: compile(source) }),
  },
  { pattern: /!=|<=|>=|=~|[=<>()[\],|*]/y, token: ([text]) => ({ kind: "symbol", text }) },
  { pattern: /[@\w.+-]+/y, token: ([text]) => ({ kind: "word", text }) },
];

/** @throws AwsError `MalformedQueryException` that quotes what no query may hold */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length;) {
    const end = readToken(query, at, tokens);
    if (end === at) throw malformed(`unexpected ${JSON.stringify(query.slice(at, at + 20))}`);
    at = end;
  }
  return tokens;
}

/** How a token reads in an error. */
export function describe(token: Token | undefined): string {
  if (token === undefined) return "the end of the query";
  return JSON.stringify(token.kind === "regex" ? String(token.regex) : token.text);
}

function readToken(query: string, at: number, tokens: Token[]): number {
  for (const { pattern, token } of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(query);
    if (match === null) continue;
    const read = token(match);
    if (read !== undefined) tokens.push(read);
    return pattern.lastIndex;
  }
  return at;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}

function compile(source: string): RegExp {
  const insensitive = source.startsWith("(?i)");
  try {
    return new RegExp(insensitive ? source.slice(4) : source, insensitive ? "i" : "");
  } catch {
    throw malformed(`/${source}/ is no regular expression`);
  }
}
