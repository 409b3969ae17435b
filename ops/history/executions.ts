import * as z from "zod";
import { parseJson } from "../json";
import { executionNameOf, type ExecutionEvent, type Payload } from "./logEvent";
import type { ExecutionHistory, ExecutionStatus } from "./model";
import { visitsOf } from "./visits";

/** No EXPRESS execution takes longer (Step Functions Developer Guide, service quotas). */
export const LONGEST_EXECUTION_MS = 5 * 60_000;

const ENDS: Readonly<Record<string, ExecutionStatus>> = {
  ExecutionSucceeded: "SUCCEEDED",
  ExecutionFailed: "FAILED",
  ExecutionTimedOut: "TIMED_OUT",
  ExecutionAborted: "ABORTED",
};

/**
 * Puts an order's executions together from what the log has of them: events may come late, twice, out of order or not
 * at all (Step Functions Developer Guide: "Completeness and timeliness of log entries are not guaranteed").
 *
 * @param recorded ARNs that the order's record names: executions that have ended, whether the log knows them or not
 * @param now milliseconds since the epoch: an execution without an end may still be running
 */
export function executionsOf(
  events: readonly ExecutionEvent[],
  recorded: readonly string[],
  now: number,
): ExecutionHistory[] {
  const byArn = new Map<string, Map<number, ExecutionEvent>>(recorded.map((arn) => [arn, new Map()]));
  for (const event of events) {
    const known = byArn.get(event.executionArn) ?? new Map<number, ExecutionEvent>();
    known.set(event.id, event);
    byArn.set(event.executionArn, known);
  }
  return [...byArn]
    .map(([arn, byId]) => {
      const ordered = [...byId.values()].sort((a, b) => a.id - b.id);
      return executionOf(arn, ordered, recorded.includes(arn), now);
    })
    .sort((a, b) => (firstSign(a) ?? 0) - (firstSign(b) ?? 0));
}

/** The time of the first thing that is known of an execution. */
export function firstSign({ startedAt, states, endedAt }: ExecutionHistory): number | undefined {
  return startedAt ?? states[0]?.enteredAt ?? states[0]?.exitedAt ?? endedAt;
}

function executionOf(
  arn: string,
  events: readonly ExecutionEvent[],
  recorded: boolean,
  now: number,
): ExecutionHistory {
  const start = events.find(({ type }) => type === "ExecutionStarted");
  const end = events.find(({ type }) => type in ENDS);
  const last = events.at(-1);
  const mayRun = !recorded && last !== undefined && now - last.at < LONGEST_EXECUTION_MS;
  const status = (end && ENDS[end.type]) ?? (mayRun ? "RUNNING" : "UNKNOWN");
  const input = start?.input ?? events.find((event) => event.input !== undefined)?.input;
  return {
    arn,
    name: executionNameOf(arn),
    status,
    recorded,
    customerId: input && customerOf(input),
    startedAt: start?.at,
    endedAt: end?.at,
    states: visitsOf(events, status),
    missing: missingIds(events, status),
    error: end?.error,
    cause: end?.cause,
    input,
    output: end?.output,
  };
}

function missingIds(events: readonly ExecutionEvent[], status: ExecutionStatus): ExecutionHistory["missing"] {
  const gaps: { from: number; to?: number }[] = [];
  let expected = 1;
  for (const { id } of events) {
    if (id > expected) gaps.push({ from: expected, to: id - 1 });
    expected = id + 1;
  }
  if (status === "UNKNOWN") gaps.push({ from: expected });
  return gaps;
}

/** The customer stands first in the workflow's input, so also in one that was cut off. */
export function customerOf({ text, truncated }: Payload): string | undefined {
  const quoted = truncated ? /^\{"customerId":("(?:[^"\\]|\\.)*")/.exec(text)?.[1] : undefined;
  const value = parseJson(quoted === undefined ? text : `{"customerId":${quoted}}`);
  return z.object({ customerId: z.string() }).safeParse(value).data?.customerId;
}
