import { EXIT, printable } from "./command";
import type { Reasons, ReplaySummary } from "./replayTally";

/** Reasons of a kind in the table; the JSON has all. */
const REASONS_SHOWN = 10;
const REASON_LENGTH_SHOWN = 160;

type Line = readonly [value: string | number, label: string];

/** The summary as a table for people: figures in the first column, what they count in the second. */
export function replayTable(summary: ReplaySummary): string {
  const { deliveryMs } = summary;
  const lines: Line[] = [
    [summary.orders, "orders"],
    [summary.accepted, "accepted"],
    [summary.delivered, "  delivered"],
    ...withReasons("  rejected", summary.rejected),
    ...withReasons("  given up by the service", summary.failed),
    ...ifAny(summary.conflicting, "  whose id belongs to an order with other content"),
    ...ifAny(summary.late, "  not delivered in time"),
    ...withReasons("refused", summary.refused),
    ...withReasons("errors", summary.errors),
    ...ifAny(summary.unfinished, "stopped before their end"),
    [`${summary.seconds.toFixed(1)} s`, `in all (${perSecond(summary)} orders/s)`],
  ];
  if (deliveryMs)
    lines.push([
      `${deliveryMs.p50} ms`,
      `from accepted to delivered (p50; p99 ${deliveryMs.p99} ms, max ${deliveryMs.max} ms)`,
    ]);
  const width = Math.max(...lines.map(([value]) => String(value).length));
  return lines.map(([value, label]) => `${String(value).padStart(width + 2)}  ${label}\n`).join("");
}

/** The exit code that a summary deserves: every accepted order delivered, and no error answer. */
export function replayExitCode({ accepted, delivered, errors }: ReplaySummary): number {
  return delivered === accepted && errors.count === 0 ? EXIT.done : EXIT.notDelivered;
}

function withReasons(label: string, { count, reasons }: Reasons): Line[] {
  const all = Object.entries(reasons);
  const shown = all
    .slice(0, REASONS_SHOWN)
    .map(([reason, orders]): Line => [orders, reasonLabel(label, reason)]);
  const hidden = all.slice(REASONS_SHOWN).reduce((sum, [, orders]) => sum + orders, 0);
  return [
    ...ifAny(count, label),
    ...shown,
    ...ifAny(hidden, reasonLabel(label, "other reasons (see --json)")),
  ];
}

/** Two columns deeper than what it is a reason of. */
function reasonLabel(label: string, reason: string): string {
  const indent = " ".repeat(label.length - label.trimStart().length + 2);
  const text = printable(reason);
  return indent + (text.length > REASON_LENGTH_SHOWN ? `${text.slice(0, REASON_LENGTH_SHOWN)}...` : text);
}

function ifAny(count: number, label: string): Line[] {
  return count > 0 ? [[count, label]] : [];
}

function perSecond({ orders, unfinished, seconds }: ReplaySummary): number {
  return seconds > 0 ? Math.round((orders - unfinished) / seconds) : 0;
}
