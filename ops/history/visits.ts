import * as z from "zod";
import { parseJson } from "../json";
import type { ExecutionEvent, Payload } from "./logEvent";
import type { Attempt, ExecutionStatus, StateVisit, VisitStatus } from "./model";

/** A visit while the events are being read. */
interface OpenVisit {
  name: string | undefined;
  type: string;
  enteredAt: number | undefined;
  exitedAt: number | undefined;
  input: Payload | undefined;
  output: Payload | undefined;
  attempts: OpenAttempt[];
  /** Whether what happened last in it was a failure. */
  failing: boolean;
  exited: boolean;
}

type OpenAttempt = { -readonly [Key in keyof Attempt]: Attempt[Key] };

const ENTERED = /^(\w+)StateEntered$/;
const EXITED = /^(\w+)StateExited$/;
const OUTCOMES: Readonly<Record<string, Attempt["outcome"]>> = {
  TaskSucceeded: "succeeded",
  TaskFailed: "failed",
  TaskStartFailed: "failed",
  TaskSubmitFailed: "failed",
  TaskTimedOut: "timed out",
};

/**
 * The visits to states that an execution's events tell of, in order. Where events are missing, a visit lacks what
 * they would have told.
 *
 * @param events in order of their ids, each once
 */
export function visitsOf(events: readonly ExecutionEvent[], status: ExecutionStatus): StateVisit[] {
  const visits: OpenVisit[] = [];
  for (const event of events) readEvent(visits, event);
  return visits.map((visit, index) =>
    closed(visit, visitStatus(visit, index === visits.length - 1 ? status : undefined)),
  );
}

function readEvent(visits: OpenVisit[], event: ExecutionEvent): void {
  const entered = ENTERED.exec(event.type)?.[1];
  if (entered !== undefined) {
    visits.push({ ...newVisit(event.name, entered), enteredAt: event.at, input: event.input });
    return;
  }
  const exited = EXITED.exec(event.type)?.[1];
  if (exited !== undefined) {
    const visit = openVisit(visits, event.name, exited);
    Object.assign(visit, { exitedAt: event.at, output: event.output, exited: true });
  } else if (event.type === "EvaluationFailed") {
    openVisit(visits, undefined, "Task").failing = true;
  } else if (event.type.startsWith("Task")) {
    readAttempt(openVisit(visits, undefined, "Task"), event);
  }
}

/** The visit that an event belongs to: the latest, unless that is over or another's; then one whose entry is missing. */
function openVisit(visits: OpenVisit[], name: string | undefined, type: string): OpenVisit {
  const last = visits.at(-1);
  const fits = last && !last.exited && (name === undefined || last.name === undefined || last.name === name);
  const visit = fits ? last : newVisit(name, type);
  if (!fits) visits.push(visit);
  visit.name ??= name;
  return visit;
}

function newVisit(name: string | undefined, type: string): OpenVisit {
  return {
    name,
    type,
    enteredAt: undefined,
    exitedAt: undefined,
    input: undefined,
    output: undefined,
    attempts: [],
    failing: false,
    exited: false,
  };
}

function readAttempt(visit: OpenVisit, event: ExecutionEvent): void {
  const outcome = OUTCOMES[event.type];
  const last = visit.attempts.at(-1);
  const open = last?.endedAt === undefined ? last : undefined;
  if (event.type === "TaskScheduled") {
    visit.failing = false;
    visit.attempts.push({ ...newAttempt(), startedAt: event.at, parameters: event.parameters });
    return;
  }
  const attempt = open ?? newAttempt();
  if (!open) visit.attempts.push(attempt);
  if (outcome === undefined) {
    attempt.startedAt ??= event.at;
    return;
  }
  visit.failing = outcome !== "succeeded";
  Object.assign(attempt, {
    outcome,
    endedAt: event.at,
    // A timeout's event names no error of its own.
    error: event.error ?? (outcome === "timed out" ? "States.Timeout" : undefined),
    cause: event.cause,
    messageId: event.output && messageIdOf(event.output),
    result: event.output,
  });
}

function messageIdOf({ text }: Payload): string | undefined {
  return z.object({ MessageId: z.string() }).safeParse(parseJson(text)).data?.MessageId;
}

function newAttempt(): OpenAttempt {
  return {
    outcome: "unknown",
    startedAt: undefined,
    endedAt: undefined,
    error: undefined,
    cause: undefined,
    messageId: undefined,
    parameters: undefined,
    result: undefined,
  };
}

/** @param status of the execution, for its last visit */
function visitStatus(visit: OpenVisit, status: ExecutionStatus | undefined): VisitStatus {
  if (visit.exited) return visit.failing ? "caught" : "succeeded";
  if (status === "RUNNING") return "waiting";
  return status === "FAILED" || status === "TIMED_OUT" || status === "ABORTED" ? "failed" : "unknown";
}

function closed(visit: OpenVisit, status: VisitStatus): StateVisit {
  const { name, type, enteredAt, exitedAt, input, output, attempts } = visit;
  return { name: name ?? "(unknown)", type, status, enteredAt, exitedAt, input, output, attempts };
}
