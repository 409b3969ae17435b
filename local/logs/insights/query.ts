import { parseCondition, type Condition } from "./condition";
import { malformed } from "./malformed";
import { TokenReader } from "./tokenReader";
import { tokenize } from "./tokens";

/** A parsed query of the Logs Insights query language. */
export interface InsightsQuery {
  /** What a row of the result shows. */
  readonly fields: readonly string[];
  readonly conditions: readonly Condition[];
  /** The first field decides, then the next. */
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
  readonly limit: number;
}

type Draft = { -readonly [Key in keyof InsightsQuery]: InsightsQuery[Key] };

/** The most rows that a query returns, and what it returns without a `limit` (User Guide, "limit"). */
export const MOST_ROWS = 10_000;

const COMMANDS: Readonly<Record<string, (reader: TokenReader, draft: Draft) => void>> = {
  fields: (reader, draft) => (draft.fields = [...draft.fields, ...readFields(reader)]),
  display: (reader, draft) => (draft.fields = readFields(reader)),
  filter: (reader, draft) => (draft.conditions = [...draft.conditions, parseCondition(reader)]),
  sort: (reader, draft) => (draft.order = readOrder(reader)),
  limit: (reader, draft) => (draft.limit = readLimit(reader)),
};

/**
 * Parses the commands `fields`, `display`, `filter`, `sort` and `limit`.
 *
 * @throws AwsError `MalformedQueryException` that names what is not understood, such as another command
 */
export function parseInsightsQuery(query: string): InsightsQuery {
  const draft: Draft = { fields: [], conditions: [], order: [], limit: MOST_ROWS };
  const reader = new TokenReader(tokenize(query));
  do {
    const token = reader.next();
    if (token?.kind !== "word") throw reader.unexpected(token, "a command");
    const name = token.text.toLowerCase();
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) throw malformed(`the command ${token.text} is not supported here`);
    command(reader, draft);
  } while (reader.takeSymbol("|"));
  if (!reader.atEnd) throw reader.unexpected(reader.next(), "| or the end");
  if (draft.fields.length === 0) draft.fields = ["@timestamp", "@message"];
  if (draft.order.length === 0) draft.order = [{ field: "@timestamp", descending: true }];
  return draft;
}

function readFields(reader: TokenReader): string[] {
  const fields: string[] = [];
  do {
    const field = readField(reader);
    if (reader.takeSymbol("(")) throw malformed(`the function ${field} is not supported here`);
    if (reader.takeWord("as")) throw malformed("an alias (as) is not supported here");
    fields.push(field);
  } while (reader.takeSymbol(","));
  return fields;
}

function readOrder(reader: TokenReader): InsightsQuery["order"] {
  const order: { field: string; descending: boolean }[] = [];
  do {
    const field = readField(reader);
    const descending = !reader.takeWord("asc");
    if (descending) reader.takeWord("desc");
    order.push({ field, descending });
  } while (reader.takeSymbol(","));
  return order;
}

function readLimit(reader: TokenReader): number {
  const token = reader.next();
  const limit = token?.kind === "word" ? Number(token.text) : NaN;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS)
    throw reader.unexpected(token, `a limit from 1 to ${MOST_ROWS}`);
  return limit;
}

function readField(reader: TokenReader): string {
  const token = reader.next();
  if (token?.kind !== "word" && token?.kind !== "field") throw reader.unexpected(token, "a field");
  return token.text;
}
