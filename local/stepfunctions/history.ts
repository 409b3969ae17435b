import type { Clock } from "../clock";
import type { LogPiece } from "../logs";
import type { LogBuffer } from "./logDelivery";
import type { Payload } from "./payload";
import type { EvaluationError, StateError } from "./stateError";
import type { State, TaskState } from "./machine";

export type LogLevel = "ALL" | "ERROR" | "FATAL" | "OFF";

/** Members of a JSON object, each with a comma before it; a payload is a piece of its own. */
type Members = readonly LogPiece[];

/** The events that each level writes (Developer Guide, "Log levels for Step Functions execution events"). */
const FATAL_EVENTS = new Set(["ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"]);
const ERROR_EVENTS = new Set([
  ...FATAL_EVENTS,
  "EvaluationFailed",
  "FailStateEntered",
  "TaskFailed",
  "TaskTimedOut",
]);

/**
 * Writes the history of one execution: an event has the shape in which Step Functions logs it, with members of the API
 * reference's HistoryEvent (recorded: localstack/localstack, tests/aws/services/stepfunctions/v2/logs).
 */
export class History {
  private lastId = 0;
  private readonly tail: string;

  /** @param log undefined when nothing is logged */
  constructor(
    private readonly log: LogBuffer | undefined,
    private readonly level: LogLevel,
    private readonly includeData: boolean,
    executionArn: string,
    private readonly clock: Clock,
  ) {
    this.tail = `","execution_arn":${JSON.stringify(executionArn)},"redrive_count":"0"}`;
  }

  /** The number of the latest event. */
  get eventId(): number {
    return this.lastId;
  }

  executionStarted(input: Payload, roleArn: string): void {
    this.add("ExecutionStarted", [...this.data("input", input), `,"roleArn":${JSON.stringify(roleArn)}`]);
  }

  executionSucceeded(output: Payload): void {
    this.add("ExecutionSucceeded", this.data("output", output));
    this.log?.flush();
  }

  executionFailed(error: string | undefined, cause: string | undefined): void {
    this.add("ExecutionFailed", [errorMembers(error, cause)]);
    this.log?.flush();
  }

  executionTimedOut(): void {
    this.add("ExecutionTimedOut", [errorMembers("States.Timeout", undefined)]);
    this.log?.flush();
  }

  stateEntered({ type, quotedName }: State, input: Payload): void {
    this.add(`${type}StateEntered`, [...this.data("input", input), `,"name":${quotedName}`]);
  }

  /** @param assigned the variables that the state has assigned */
  stateExited({ type, quotedName }: State, output: Payload, assigned: ReadonlyMap<string, Payload>): void {
    const variables = this.includeData ? assignedMembers(assigned) : [];
    this.add(`${type}StateExited`, [...variables, `,"name":${quotedName}`, ...this.data("output", output)]);
  }

  taskScheduled(
    task: TaskState,
    parameters: Payload,
    region: string,
    timeoutSeconds: number | undefined,
  ): void {
    const timeout = timeoutSeconds === undefined ? "" : `,"timeoutInSeconds":${timeoutSeconds}`;
    this.add("TaskScheduled", [
      ...(this.includeData ? [`,"parameters":`, parameters.logged.text] : []),
      `,"region":"${region}"${resourceMembers(task)}${timeout}`,
    ]);
  }

  taskStarted(task: TaskState): void {
    this.add("TaskStarted", [resourceMembers(task)]);
  }

  taskSucceeded(task: TaskState, result: Payload): void {
    this.add("TaskSucceeded", [...this.data("output", result), resourceMembers(task)]);
  }

  taskFailed(task: TaskState, { error, reason }: StateError): void {
    this.add("TaskFailed", [errorMembers(error, reason) + resourceMembers(task)]);
  }

  taskTimedOut(task: TaskState): void {
    this.add("TaskTimedOut", [errorMembers("States.Timeout", undefined) + resourceMembers(task)]);
  }

  evaluationFailed({ quotedName }: State, { error, reason, location }: EvaluationError): void {
    const where = `,"location":${JSON.stringify(location)},"state":${quotedName}`;
    this.add("EvaluationFailed", [errorMembers(error, reason) + where]);
  }

  /** @param details the first piece, if there is one, is a string: a payload stands behind its name */
  private add(type: string, details: Members): void {
    const id = ++this.lastId;
    if (this.log === undefined || !isLogged(type, this.level)) return;
    // The first state's entry points at 0, as the start itself does; then each event points at the one before it.
    const previous = id === 2 ? 0 : id - 1;
    const now = this.clock.now();
    const [first = "", ...rest] = details;
    this.log.add({
      timestamp: now,
      message: [
        `{"id":"${id}","type":"${type}","details":{${String(first).slice(1)}`,
        ...rest,
        `},"previous_event_id":"${previous}","event_timestamp":"${now}${this.tail}`,
      ],
    });
  }

  /** A payload with its `...Details`, nothing when the log does not include execution data. */
  private data(name: "input" | "output", payload: Payload): Members {
    if (!this.includeData) return [];
    const { text, truncated } = payload.logged;
    return [`,"${name}":`, text, `,"${name}Details":{"truncated":${truncated}}`];
  }
}

function isLogged(type: string, level: LogLevel): boolean {
  if (level === "ALL") return true;
  return level === "ERROR" ? ERROR_EVENTS.has(type) : level === "FATAL" && FATAL_EVENTS.has(type);
}

function errorMembers(error: string | undefined, cause: string | undefined): string {
  const causeText = cause === undefined || cause === "" ? "" : `,"cause":${JSON.stringify(cause)}`;
  return error === undefined ? causeText : `${causeText},"error":${JSON.stringify(error)}`;
}

function resourceMembers({ integration }: TaskState): string {
  return `,"resource":"${integration.resource}","resourceType":"${integration.resourceType}"`;
}

function assignedMembers(assigned: ReadonlyMap<string, Payload>): Members {
  if (assigned.size === 0) return [];
  const pieces: LogPiece[] = [];
  for (const [name, { logged }] of assigned)
    pieces.push(
      `${pieces.length === 0 ? `,"assignedVariables":{` : ","}${JSON.stringify(name)}:`,
      logged.text,
    );
  return [...pieces, `},"assignedVariablesDetails":{"truncated":false}`];
}
