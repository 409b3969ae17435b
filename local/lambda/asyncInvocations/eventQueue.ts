import { randomUUID } from "node:crypto";
import type { AwsApi } from "../../aws/api";
import { AwsError } from "../../aws/error";
import type { Cancel, Clock } from "../../clock";
import type { Store } from "../../store";
import { sendToFailureQueue } from "../failureQueue";
import { requestTooLarge, type InvocationResult, type LambdaFunction } from "../lambdaFunction";
import { DEFAULT_ASYNC_SETTINGS, type AsyncSettings } from "./eventInvokeConfig";
import { EventStore, type QueuedEvent } from "./eventStore";
import { invocationRecord, type Condition } from "./invocationRecord";

/** What the queue of a function works with. Records of failures are sent as the function's role. */
export interface EventQueueContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly origin: string;
  readonly sqs: AwsApi;
  readonly function: Pick<LambdaFunction, "settings" | "caller" | "metrics" | "invoke">;
  /** Told of records that cannot be sent, and of faults of the run itself. */
  readonly onFault: (error: unknown) => void;
}

/** Of an asynchronous invocation: 1 MB since 2025 (Lambda API reference, Invoke). */
const LARGEST_EVENT_BYTES = 1024 * 1024;

/** "A one-minute wait between the first two attempts, and two minutes between the second and third attempts." */
const RETRY_STEP_MS = 60_000;
/** "The retry interval increases exponentially from 1 second after the first attempt to a maximum of 5 minutes." */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;

/**
 * The queue of the events that one function is invoked with asynchronously (Lambda Developer Guide, "How Lambda
 * handles errors and retries with asynchronous invocation"): an error of the function is retried a few times; an event
 * that is throttled, or that Lambda itself fails on, comes again until it is too old.
 */
export class EventQueue {
  settings: AsyncSettings = DEFAULT_ASYNC_SETTINGS;
  private readonly events: EventStore;
  private readonly scheduled = new Map<number, Cancel>();
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(private readonly context: EventQueueContext) {
    this.events = new EventStore(context.store, context.function.settings.name);
  }

  /**
   * Takes an event; the function runs with it later.
   *
   * @param payload JSON text
   * @returns the request's id
   * @throws AwsError `RequestTooLargeException`, `InvalidRequestContentException`
   */
  accept(payload: string): string {
    const bytes = Buffer.byteLength(payload);
    if (bytes > LARGEST_EVENT_BYTES) throw requestTooLarge(bytes, "Event", LARGEST_EVENT_BYTES);
    checkJson(payload);
    const { clock } = this.context;
    const requestId = randomUUID();
    const id = this.events.add(requestId, payload, clock.now());
    this.context.function.metrics.eventReceived();
    this.schedule(id, clock.now());
    return requestId;
  }

  /** Goes on with what an earlier run has left behind. */
  resume(): void {
    for (const { id, dueAt } of this.events.due()) this.schedule(id, dueAt);
  }

  /** Begins no further invocation; resolves when none runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const cancel of this.scheduled.values()) cancel();
    this.scheduled.clear();
    await Promise.all(this.running);
  }

  private schedule(id: number, dueAt: number): void {
    if (this.stopped) return;
    const { clock, onFault } = this.context;
    const cancel = clock.after(Math.max(dueAt - clock.now(), 0), () => {
      this.scheduled.delete(id);
      const attempt = this.attempt(this.events.get(id))
        .catch(onFault)
        .finally(() => this.running.delete(attempt));
      this.running.add(attempt);
    });
    this.scheduled.set(id, cancel);
  }

  private async attempt(event: QueuedEvent): Promise<void> {
    const { clock, function: target } = this.context;
    const age = clock.now() - event.acceptedAt;
    if (age >= this.settings.maximumAgeMs) return this.giveUp(event, "EventAgeExceeded");
    // "Lambda begins sending new events to the ... on-failure event destination, without any retries."
    if (target.settings.reservedConcurrency === 0) return this.giveUp(event, "ZeroReservedConcurrency");
    target.metrics.eventAge(age);
    const result = await this.invoke(event);
    if (result === undefined) return this.later({ ...event, refusals: event.refusals + 1 }, backoffMs(event));
    if (!result.functionError) return this.events.remove(event.id);
    // It was ended, which is no error of its own: the next run begins with this event.
    if (this.stopped) return;
    const failed = { ...event, failures: event.failures + 1, last: result };
    if (failed.failures > this.settings.maximumRetries) return this.giveUp(failed, "RetriesExhausted");
    this.later(failed, failed.failures * RETRY_STEP_MS);
  }

  /** @returns `undefined` when the function did not run: throttled, or an error of Lambda's own */
  private async invoke({ payload, requestId }: QueuedEvent): Promise<InvocationResult | undefined> {
    try {
      return await this.context.function.invoke(payload, undefined, requestId);
    } catch (error) {
      if (!(error instanceof AwsError)) this.context.onFault(error);
      return undefined;
    }
  }

  /** No later than when it becomes too old, so that it is given up then. */
  private later(event: QueuedEvent, delayMs: number): void {
    const tooOldAt = event.acceptedAt + this.settings.maximumAgeMs;
    const dueAt = Math.min(this.context.clock.now() + delayMs, tooOldAt);
    this.events.update({ ...event, dueAt });
    this.schedule(event.id, dueAt);
  }

  private async giveUp(event: QueuedEvent, condition: Condition): Promise<void> {
    const { clock, function: target } = this.context;
    const { failureQueueArn } = this.settings;
    if (failureQueueArn !== undefined) {
      const record = invocationRecord(target.settings.arn, event, condition, clock.now());
      await sendToFailureQueue(this.context, failureQueueArn, record);
    }
    target.metrics.eventDropped();
    this.events.remove(event.id);
  }
}

function backoffMs({ refusals }: QueuedEvent): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** refusals, LONGEST_BACKOFF_MS);
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = (error as Error).message;
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${reason}`,
      400,
      { Type: "User" },
    );
  }
}
