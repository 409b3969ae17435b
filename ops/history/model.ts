import type { OrderRecord } from "../../contracts/orderRecord";
import type { FailedMessage } from "../failures/failedMessage";
import type { Payload } from "./logEvent";
import type { LogWindow } from "./readLog";

/** What is known of one order. The record is the truth; executions come from the log and are the detail. */
export interface OrderHistory {
  readonly orderId: string;
  /** Undefined when it is not stored. */
  readonly record: OrderRecord | undefined;
  /** Oldest first; those that only the record names, without anything in the log, stand at the front. */
  readonly executions: readonly ExecutionHistory[];
  /** Messages about it in dead-letter and failure queues. */
  readonly failures: readonly FailedMessage[];
  /** Failure queues that could not be looked into, with the reason. */
  readonly unread: readonly { readonly queue: string; readonly reason: string }[];
  /** What of the workflow's log was searched; undefined when there was no reason to. */
  readonly log: (LogWindow & { readonly complete: boolean }) | undefined;
}

/** `UNKNOWN`: its end is not in the log, and it cannot still be running. */
export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "UNKNOWN";

/** One execution of the delivery workflow. Times are milliseconds since the epoch. */
export interface ExecutionHistory {
  readonly arn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** Whether the order's record names it: it has ended and has said so. */
  readonly recorded: boolean;
  /** Whose order it delivers, by its input; undefined when the log does not have that. */
  readonly customerId: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly states: readonly StateVisit[];
  /** Ids of events that the log lacks, as inclusive ranges; without `to`, everything from there on. */
  readonly missing: readonly { readonly from: number; readonly to?: number }[];
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly input: Payload | undefined;
  readonly output: Payload | undefined;
}

/**
 * How a visit to a state went. `caught`: it failed, and the workflow went on by a Catch. `waiting`: it is running, or
 * waits for its next attempt. `unknown`: the log does not have its end.
 */
export type VisitStatus = "succeeded" | "caught" | "failed" | "waiting" | "unknown";

/** One visit to a state. */
export interface StateVisit {
  readonly name: string;
  /** Such as `Task`. */
  readonly type: string;
  readonly status: VisitStatus;
  readonly enteredAt: number | undefined;
  readonly exitedAt: number | undefined;
  readonly input: Payload | undefined;
  readonly output: Payload | undefined;
  /** Calls of the task's service: more than one when it was retried. */
  readonly attempts: readonly Attempt[];
}

/** One call of a task's service. */
export interface Attempt {
  readonly outcome: "succeeded" | "failed" | "timed out" | "unknown";
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** That SNS gave the published message. */
  readonly messageId: string | undefined;
  readonly parameters: Payload | undefined;
  readonly result: Payload | undefined;
}
