import type { RequestContext } from "./context";

/** Tells whether a value of a request matches what a policy says. */
export type Matcher = (value: string, context: RequestContext) => boolean;

/** How the text of a policy is to be read. */
export interface PatternOptions {
  /** `*` and `?` are wildcards (default), or plain characters. */
  readonly wildcards?: boolean;
  readonly ignoreCase?: boolean;
  /** An ARN's parts are compared one by one: a wildcard does not reach beyond a colon of the first five. */
  readonly arn?: boolean;
  /** `${key}` stands for a value of the request: in policies of version 2012-10-17 only. */
  readonly variables?: boolean;
}

/** A run of text or a policy variable. */
type Token = { readonly text: string } | { readonly variable: string; readonly fallback: string | undefined };

const VARIABLE = /\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}/g;
/** `${*}`, `${?}` and `${$}` write the characters that would otherwise be special (IAM User Guide, policy variables). */
const ESCAPES = new Set(["*", "?", "$"]);
const ARN_COLONS = 5;

/** The names of the policy variables in a text of a policy. */
export function variableNames(text: string): string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, name]) => (name && !ESCAPES.has(name) ? [name] : []));
}

/** Compiles a resource, an action or a condition value of a policy. */
export function compilePattern(text: string, options: PatternOptions = {}): Matcher {
  const tokens = options.variables ? tokenize(text) : [{ text }];
  const dynamic = tokens.some((token) => "variable" in token);
  if (dynamic) return (value, context) => expression(tokens, options, context)?.test(value) ?? false;

  const special = options.wildcards !== false && /[*?]/.test(text);
  if (!special && !options.ignoreCase && tokens.length === 1) return (value) => value === text;
  const compiled = expression(tokens, options);
  return (value) => compiled?.test(value) ?? false;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    tokens.push({ text: text.slice(end, match.index) }, { variable: match[1] ?? "", fallback: match[2] });
    end = match.index + match[0].length;
  }
  tokens.push({ text: text.slice(end) });
  return tokens;
}

/** @returns `undefined` when a variable has no value in the request: nothing matches then */
function expression(
  tokens: readonly Token[],
  options: PatternOptions,
  context?: RequestContext,
): RegExp | undefined {
  let source = "";
  let colons = 0;
  for (const token of tokens) {
    const value = "text" in token ? token.text : valueOf(token, context);
    if (value === undefined) return undefined;
    for (const character of value) {
      if (character === ":") colons++;
      const wild = "text" in token && options.wildcards !== false;
      source += wild ? wildcard(character, options.arn === true && colons < ARN_COLONS) : escape(character);
    }
  }
  return new RegExp(`^${source}$`, options.ignoreCase ? "isu" : "su");
}

function valueOf(token: { variable: string; fallback: string | undefined }, context?: RequestContext) {
  if (ESCAPES.has(token.variable)) return token.variable;
  return context?.values(token.variable.toLowerCase())?.[0] ?? token.fallback;
}

function wildcard(character: string, withinPart: boolean): string {
  if (character === "*") return withinPart ? "[^:]*" : ".*";
  if (character === "?") return withinPart ? "[^:]" : ".";
  return escape(character);
}

function escape(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
