import { isAccessDenied } from "../../ops/awsErrors";
import { readFailureQueue } from "../../ops/failures";
import { failureQueuesOf, readDepth, type QueueName } from "../../ops/queues";
import type { Stack } from "../../ops/target";
import type { FailureQueueView, FailuresView } from "../api";
import { showFailure } from "./personalData";
import { NOT_PERMITTED } from "./slowFigure";
import { figuresPauseMs, type ViewReader } from "./viewReader";

/** Of each queue so many messages are shown. */
const MESSAGES_SHOWN = 100;

/** SQS gives new counts within a minute (SQS API reference, GetQueueAttributes); reading is not free of effects. */
const READ_AGAIN_MS = 60_000;

/**
 * Reads what is in the failure queues. SQS has no way to look at a message without receiving it, which hides it from
 * others for a moment and raises its receive count: a queue is read when its count has changed, and not for every look.
 */
export class FailuresReader implements ViewReader<FailuresView> {
  readonly #queues: readonly FailureQueueReader[];

  constructor(
    private readonly stack: Stack,
    personal: boolean,
  ) {
    this.#queues = failureQueuesOf(stack).map((queue) => new FailureQueueReader(stack, queue, personal));
  }

  async read(signal: AbortSignal): Promise<FailuresView> {
    return { queues: await Promise.all(this.#queues.map((queue) => queue.read(signal))) };
  }

  pauseMs(): number {
    return figuresPauseMs(this.stack);
  }
}

class FailureQueueReader {
  #view: FailureQueueView | undefined;
  #readAt = 0;

  constructor(
    private readonly stack: Stack,
    private readonly queue: QueueName,
    private readonly personal: boolean,
  ) {}

  async read(signal: AbortSignal): Promise<FailureQueueView> {
    const { visible, inFlight } = await readDepth(this.stack, this.queue);
    const count = visible + inFlight;
    const isFresh = Date.now() - this.#readAt < READ_AGAIN_MS && this.#view?.count === count;
    if (this.#view && isFresh) return this.#view;
    this.#view = { queue: this.queue.name, count, ...(await this.#readMessages(signal)) };
    this.#readAt = Date.now();
    return this.#view;
  }

  async #readMessages(signal: AbortSignal): Promise<Omit<FailureQueueView, "queue" | "count">> {
    const options = { limit: MESSAGES_SHOWN, thorough: false, signal };
    try {
      const { messages, more } = await readFailureQueue(this.stack, this.queue, options);
      return { messages: messages.map((message) => showFailure(message, this.personal)), more };
    } catch (error) {
      if (!isAccessDenied(error)) throw error;
      return { messages: [], more: true, unread: NOT_PERMITTED };
    }
  }
}
