import Table from "cli-table3";
import { printable } from "../command";
import type { Finding, StackReport } from "./checkStack";

/** Where stdout is no terminal. */
const DEFAULT_WIDTH = 160;
const NARROWEST_MESSAGE = 40;

const HEAD = ["stack", "level", "policy", "resource", "what is wrong, what to write"];

/** The findings as a table for people, when there are any, and a line for each stack. */
export function reportText(reports: readonly StackReport[], width = DEFAULT_WIDTH): string {
  const rows = reports.flatMap(({ stack, findings }) =>
    [...findings].sort(mandatoryFirst).map((finding) => row(stack, finding)),
  );
  const summary = reports.map((report) => `${summaryLine(report)}\n`).join("");
  return rows.length === 0 ? summary : `${table(rows, width)}\n${summary}`;
}

/** The same as JSON. */
export function reportJson(reports: readonly StackReport[]): string {
  const stacks = reports.map(({ output: _, ...report }) => ({ ...report, ...counts(report) }));
  return `${JSON.stringify({ stacks }, null, 2)}\n`;
}

/** Whether any finding is one that must be mended. */
export function hasMandatory(reports: readonly StackReport[]): boolean {
  return reports.some((report) => counts(report).mandatory > 0);
}

function table(rows: readonly string[][], width: number): string {
  const widths = HEAD.slice(0, -1).map((head, column) =>
    Math.max(head.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const padding = 2;
  const taken = widths.reduce((sum, columnWidth) => sum + columnWidth + padding + 1, 0);
  const last = Math.max(NARROWEST_MESSAGE, width - taken - 2);
  const printed = new Table({
    head: HEAD,
    colWidths: [...widths.map((columnWidth) => columnWidth + padding), last],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  printed.push(...rows);
  return printed.toString();
}

function row(stack: string, { level, policy, name, type, message }: Finding): string[] {
  return [stack, level, policy, `${name} (${type})`, message].map(printable);
}

function summaryLine(report: StackReport): string {
  const { stack, resources, policies, pack } = report;
  const { mandatory, advisory } = counts(report);
  return printable(
    `${stack}: ${resources} resources against ${policies} policies of ${pack.name} ${pack.version}: ` +
      `${mandatory} mandatory and ${advisory} advisory findings`,
  );
}

function counts({ findings }: Pick<StackReport, "findings">) {
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  return { mandatory, advisory: findings.length - mandatory };
}

function mandatoryFirst(one: Finding, other: Finding): number {
  return Number(one.level === "advisory") - Number(other.level === "advisory");
}
