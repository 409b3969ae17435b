import { DELIVERY_STATUS, ORDER_STATUS, type OrderRecord } from "../../contracts/orderRecord";
import type { Attempt, ExecutionHistory, OrderHistory, StateVisit } from "../history/model";
import type { Payload } from "../history/logEvent";
import type { FailedMessage } from "../failures/failedMessage";
import { cell, plural, seconds, time } from "./text";

/** One line of a timeline: when, and what; indented by what it is a part of. */
interface Line {
  readonly at?: number | string | undefined;
  readonly indent: number;
  readonly text: string;
}

const TIME_WIDTH = "2026-11-20 09:30:00.123Z".length;

/** An order's history for people. */
export function historyText(history: OrderHistory, verbose: boolean): string {
  const lines = [
    ...recordLines(history.record, verbose),
    ...history.executions.flatMap((execution) => executionLines(execution, verbose)),
    ...deliveryLines(history),
    ...history.failures.flatMap((message) => failureLines(message, verbose)),
  ];
  return [
    headline(history),
    ...lines.map(({ at, indent, text }) =>
      `${time(at).padEnd(TIME_WIDTH)}  ${"  ".repeat(indent)}${text}`.trimEnd(),
    ),
    ...notes(history),
    "",
  ].join("\n");
}

function headline({ orderId, record }: OrderHistory): string {
  if (!record) return `Order ${orderId}: not stored`;
  const of = `Order ${orderId} of customer ${cell(record.customerId)}`;
  if (record.status === ORDER_STATUS.rejected) return `${of}: REJECTED`;
  const { status, attempts } = record.delivery;
  return `${of}: ${status}, ${plural(attempts, "attempt")}`;
}

function recordLines(record: OrderRecord | undefined, verbose: boolean): Line[] {
  if (!record) return [];
  const request = record.requestId === undefined ? "" : ` (request ${cell(record.requestId)})`;
  const lines: Line[] = [
    { at: record.placedAt, indent: 0, text: `accepted${request}` },
    { indent: 0, text: `stored as ${record.status}` },
  ];
  if (verbose) lines.push({ indent: 1, text: `order: ${record.order}` });
  if (record.status === ORDER_STATUS.rejected)
    lines.push(...record.reasons.map((reason) => ({ indent: 1, text: cell(reason) })));
  return lines;
}

function executionLines(execution: ExecutionHistory, verbose: boolean): Line[] {
  const { name, startedAt, endedAt, states, missing } = execution;
  const gaps = missing.map(({ from, to }): Line => ({ indent: 1, text: gapText(from, to) }));
  return [
    { at: startedAt, indent: 0, text: `execution ${name} started` },
    ...(verbose ? payloadLines("input", execution.input, 1) : []),
    ...gaps,
    ...states.flatMap((visit) => visitLines(visit, verbose)),
    { at: endedAt, indent: 0, text: executionEnd(execution) },
    ...(verbose ? payloadLines("output", execution.output, 1) : []),
  ];
}

function gapText(from: number, to: number | undefined): string {
  if (to === undefined)
    return from === 1
      ? "its events are missing from the log"
      : `events from ${from} on are missing from the log`;
  return from === to
    ? `event ${from} is missing from the log`
    : `events ${from} to ${to} are missing from the log`;
}

function executionEnd({
  status,
  name,
  recorded,
  startedAt,
  endedAt,
  error,
  cause,
}: ExecutionHistory): string {
  const took =
    startedAt === undefined || endedAt === undefined ? "" : ` after ${seconds(endedAt - startedAt)}`;
  const why = errorText(error, cause);
  switch (status) {
    case "SUCCEEDED":
      return `execution ${name} succeeded${took}`;
    case "FAILED":
      return `execution ${name} failed${took}${why}`;
    case "TIMED_OUT":
      return `execution ${name} ran out of time${took}${why}`;
    case "ABORTED":
      return `execution ${name} was aborted${took}${why}`;
    case "RUNNING":
      return `execution ${name} is running, or its end is not in the log yet`;
    case "UNKNOWN":
      return recorded
        ? `execution ${name} ended: the order's record says so, the log does not have its end`
        : `execution ${name}: the log does not have its end`;
  }
}

function visitLines(visit: StateVisit, verbose: boolean): Line[] {
  const { name, enteredAt, exitedAt, attempts } = visit;
  const single = attempts.length === 1 && attempts[0]?.outcome === "succeeded" && !verbose;
  const took =
    enteredAt === undefined || exitedAt === undefined ? "" : ` in ${seconds(exitedAt - enteredAt)}`;
  const published = single ? publishedText(attempts[0]) : "";
  const line: Line = {
    at: enteredAt ?? exitedAt,
    indent: 1,
    text: `${name} ${visitText(visit)}${took}${published}`,
  };
  if (single) return [line];
  return [
    line,
    ...(verbose ? payloadLines("input", visit.input, 2) : []),
    ...attempts.flatMap((attempt, index) => attemptLines(attempt, index + 1, verbose)),
    ...(verbose ? payloadLines("output", visit.output, 2) : []),
  ];
}

function visitText({ status, attempts }: StateVisit): string {
  const retried = attempts.length > 1 ? ` after ${plural(attempts.length, "attempt")}` : "";
  switch (status) {
    case "succeeded":
      return attempts.length === 0 ? "passed" : `succeeded${retried}`;
    case "caught":
      return `failed${retried}, the workflow went on`;
    case "failed":
      return attempts.length === 0 ? "ended the execution" : `failed${retried}`;
    case "waiting":
      return `is under way${retried}`;
    case "unknown":
      return "was entered";
  }
}

function attemptLines(attempt: Attempt, number: number, verbose: boolean): Line[] {
  const { outcome, startedAt, endedAt, error, cause } = attempt;
  const took = startedAt === undefined || endedAt === undefined ? "" : ` in ${seconds(endedAt - startedAt)}`;
  const text = outcome === "unknown" ? "without an end in the log" : `${outcome}${took}`;
  return [
    {
      at: startedAt ?? endedAt,
      indent: 2,
      text: `attempt ${number} ${text}${errorText(error, cause)}${publishedText(attempt)}`,
    },
    ...(verbose ? payloadLines("parameters", attempt.parameters, 3) : []),
    ...(verbose ? payloadLines("result", attempt.result, 3) : []),
  ];
}

function publishedText(attempt: Attempt | undefined): string {
  return attempt?.messageId === undefined ? "" : `: published as message ${attempt.messageId}`;
}

function payloadLines(name: string, payload: Payload | undefined, indent: number): Line[] {
  if (!payload) return [];
  return [{ indent, text: `${name}${payload.truncated ? " (cut off)" : ""}: ${payload.text}` }];
}

/** The workflow's own failure repeats the error in its cause. */
function errorText(error = "", cause = ""): string {
  if (error === "" && cause === "") return "";
  if (error === "" || cause.startsWith(error)) return `: ${cell(cause)}`;
  return `: ${cell(cause === "" ? error : `${error}: ${cause}`)}`;
}

function deliveryLines({ record, orderId, failures }: OrderHistory): Line[] {
  if (record?.status !== ORDER_STATUS.placed) return [];
  const { status, deliveredAt, messageId, lastError, reconciliations = 0, retryAt } = record.delivery;
  const error = lastError === undefined ? "" : `; last error: ${cell(lastError)}`;
  const again =
    reconciliations === 0 ? "" : `, started again ${plural(reconciliations, "time")} by the reconciler`;
  switch (status) {
    case DELIVERY_STATUS.delivered:
      return [{ at: deliveredAt, indent: 0, text: `delivered as message ${messageId ?? "(unknown)"}` }];
    case DELIVERY_STATUS.failed:
      return [
        {
          at: failures.find(({ kind }) => kind === "deliveryFailure")?.sentAt,
          indent: 0,
          text: `given up${again}${error}`,
        },
        { indent: 1, text: `to start it again: redrive --order ${orderId} --yes` },
      ];
    case DELIVERY_STATUS.pending: {
      const next = retryAt === undefined ? "" : `; next attempt not before ${time(retryAt)}`;
      return [{ indent: 0, text: `not delivered yet${again}${next}${error}` }];
    }
  }
}

function failureLines(
  { sentAt, queue, reason, obstacle, receives, message }: FailedMessage,
  verbose: boolean,
): Line[] {
  const lines: Line[] = [
    {
      at: sentAt,
      indent: 0,
      text: `in the failure queue ${queue}: ${cell(reason)} (received ${receives} times)`,
    },
  ];
  if (obstacle !== undefined) lines.push({ indent: 1, text: cell(obstacle) });
  if (verbose) lines.push({ indent: 1, text: `message: ${message.Body ?? ""}` });
  return lines;
}

/** What the timeline cannot say by itself. */
function notes({ record, executions, log, unread }: OrderHistory): string[] {
  const lines: string[] = [];
  if (record?.status === ORDER_STATUS.placed && executions.length === 0)
    lines.push(
      "No execution is known: the record names none, and the log has none. It may lack events, so none need not mean that nothing ran.",
    );
  const { attempts = 0 } = record?.status === ORDER_STATUS.placed ? record.delivery : {};
  if (attempts > executions.length && executions.length > 0)
    lines.push(`The record counts ${plural(attempts, "attempt")}; ${executions.length} are known.`);
  if (log && !log.complete)
    lines.push("The log was not searched to its end: --search-seconds searches longer.");
  lines.push(...unread.map(({ queue, reason }) => `Failure queue ${queue}: ${reason}.`));
  return lines;
}
