import type { FailedMessage } from "../ops/failures/failedMessage";
import type { Payload } from "../ops/history/logEvent";
import type { Attempt, ExecutionHistory, OrderHistory, StateVisit } from "../ops/history/model";
import type { OrderList, OrderSummary } from "../ops/orders";
import type { QueueDepth } from "../ops/queues";
import type { Alarm, Undelivered } from "../ops/status";
import type { MachineDrawing } from "./machine/layout";

/** Everything of the console is below this path. */
export const CONSOLE_PATH = "/console";

/** Below it are the views as JSON; asked for as `text/event-stream`, a view comes again whenever it changes. */
export const API_PATH = `${CONSOLE_PATH}/api`;

/** Names of a live view's events. */
export const LIVE_EVENT = { view: "view", summary: "summary", problem: "problem" } as const;

/** Why there is no answer, in one line with what to do about it: the body of an error, and of a live `problem`. */
export interface Problem {
  readonly message: string;
}

/** Stands above every page. */
export interface Summary {
  /** `stack prod`, or `the local run`. */
  readonly stack: string;
  readonly undelivered: Undelivered;
  /** Messages in all dead-letter and failure queues. */
  readonly failedMessages: number;
  /** Alarms that are on; undefined when they cannot be read. */
  readonly alarms: number | undefined;
}

/** Which orders are wanted; by customer, undelivered and rejected can be combined. `latest` when nothing is asked for. */
export interface OrdersQuery {
  readonly customerId?: string;
  readonly only?: "undelivered" | "rejected";
}

export interface OrdersView extends OrderList {
  /** From where the orders come, which decides what may be missing. */
  readonly source: "latest" | "customer" | "undelivered" | "scan";
  /** Of `latest`: how far back was looked, milliseconds since the epoch. */
  readonly since?: number;
}

/** What went into a step or came out of it; without the text unless personal data was asked for. */
export type PayloadView = Omit<Payload, "text"> & { readonly text?: string; readonly characters: number };

/** Something of the history with its payloads as they may be shown. */
type Shown<T> = {
  readonly [Key in keyof T]: T[Key] extends Payload | undefined ? PayloadView | undefined : T[Key];
};

export type AttemptView = Shown<Attempt>;
export type StateVisitView = Shown<Omit<StateVisit, "attempts">> & {
  readonly attempts: readonly AttemptView[];
};
export type ExecutionView = Shown<Omit<ExecutionHistory, "states">> & {
  readonly states: readonly StateVisitView[];
};

/** One message of a failure queue. */
export type FailureView = Omit<FailedMessage, "message"> & { readonly body?: string };

/** What an order is about, without its recipient. */
export interface OrderFacts {
  readonly channel: string;
  readonly currency: string;
  /** Whole minor units of the currency. */
  readonly total: number;
  readonly items: number;
  readonly country: string;
}

export type OrderHistoryView = Pick<OrderHistory, "orderId" | "unread" | "log"> & {
  /** Undefined when it is not stored. */
  readonly record: OrderSummary | undefined;
  /** Undefined when what was posted breaks the contract. */
  readonly facts: OrderFacts | undefined;
  /** What the customer posted, when personal data was asked for. */
  readonly posted?: string;
  readonly executions: readonly ExecutionView[];
  readonly failures: readonly FailureView[];
};

/** All that is known of the orders with one id: several customers may have used it. */
export interface OrderView {
  readonly orderId: string;
  /** Empty when nobody knows the id. */
  readonly histories: readonly OrderHistoryView[];
  /** Undefined when the credentials do not permit to read the definition. */
  readonly machine: MachineDrawing | undefined;
}

export interface FailureQueueView {
  readonly queue: string;
  /** Messages by the queue's own count. */
  readonly count: number;
  readonly messages: readonly FailureView[];
  /** Whether there are, or may be, messages that are not shown. */
  readonly more: boolean;
  /** Why its messages cannot be looked at. */
  readonly unread?: string;
}

export interface FailuresView {
  readonly queues: readonly FailureQueueView[];
}

/** A queue as the page of health shows it. */
export interface QueueHealth extends Pick<QueueDepth, "name" | "visible" | "inFlight" | "delayed"> {
  /** Of its oldest message, in seconds, some minutes ago; undefined when the queue is idle, or it is not known. */
  readonly oldestSeconds: number | undefined;
}

/** One hop of an order's way. */
export interface HopHealth {
  readonly name: string;
  readonly does: string;
  /** Where orders wait. */
  readonly queues: readonly QueueHealth[];
  /** Where what fails here ends. */
  readonly failureQueues: readonly QueueHealth[];
  /** Orders whose delivery this hop has not finished. */
  readonly undelivered?: Undelivered;
  /** Those that are on. */
  readonly alarms: readonly Alarm[];
}

export interface HealthView {
  /** In the order in which an order passes them. */
  readonly hops: readonly HopHealth[];
  /** Those that are on and belong to no hop; undefined when alarms cannot be read. */
  readonly otherAlarms: readonly Alarm[] | undefined;
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

/** What the stack is: its outputs. */
export interface StackView {
  readonly stack: string;
  readonly region: string;
  readonly outputs: readonly (readonly [name: string, value: string])[];
}
