import Table from "cli-table3";
import { printable } from "../../tools/command";

export { age, plural, seconds, time } from "../format";

/** A column of a table: its heading, and on which side its values stand. */
export interface Column {
  readonly title: string;
  readonly align?: "right";
}

const LONGEST_CELL = 100;

const LINES = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
] as const;

/** Columns two blanks apart, without lines between them. */
const PLAIN: Table.TableConstructorOptions = {
  chars: Object.fromEntries(LINES.map((line) => [line, ""])),
  style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
};

/** A table for people: a heading, then one line per row. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = new Table({
    ...PLAIN,
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "left"),
  });
  all.push(...rows.map((row) => row.map(cell)));
  return all.toString().replace(/ *$/gm, "") + "\n";
}

/** One line of what others wrote, cut where a table would become unreadable. */
export function cell(text: string): string {
  const line = printable(text);
  return line.length > LONGEST_CELL ? `${line.slice(0, LONGEST_CELL - 3)}...` : line;
}

/** For programs: times, which the readers count in milliseconds since the epoch, as ISO 8601 in UTC. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (key, member: unknown) =>
      typeof member === "number" && key.endsWith("At") ? new Date(member).toISOString() : member,
    2,
  );
  return `${text}\n`;
}
