import { printable } from "../../tools/command";

export { age, plural, seconds, time } from "../format";

/** A column of a table: its heading, and on which side its values stand. */
export interface Column {
  readonly title: string;
  readonly align?: "right";
}

const GAP = "  ";
const LONGEST_CELL = 100;

/** A table for people: a heading, then one line per row. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? "").length)));
  const format = (line: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const text = line[index] ?? "";
        return align === "right" ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
      })
      .join(GAP)
      .trimEnd();
  return lines.map((line) => `${format(line)}\n`).join("");
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
