import { describeMessages } from "./failures/describe";
import type { FailedMessage } from "./failures/failedMessage";
import { receiveMessages, releaseMessages } from "./failures/receive";
import { failureQueuesOf, type QueueName } from "./queues";
import type { Stack } from "./target";

export interface FailureOptions {
  /** Of each queue at most so many messages. */
  readonly limit: number;
  /** Whether to ask each queue until nothing more comes, which takes a second, or to trust its count. */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
}

/** What is in one failure queue. */
export interface FailureQueue {
  readonly queue: string;
  /** The longest there first. */
  readonly messages: readonly FailedMessage[];
  /** Whether there may be more: beyond the limit, or in somebody else's hands. */
  readonly more: boolean;
}

/**
 * What is in every dead-letter and failure queue. Reading hides a message from others for a moment and raises its
 * receive count, which has no effect in these queues; nothing is taken away.
 */
export function readFailures(stack: Stack, options: FailureOptions): Promise<FailureQueue[]> {
  return Promise.all(failureQueuesOf(stack).map((queue) => readFailureQueue(stack, queue, options)));
}

/** What is in one dead-letter or failure queue. */
export async function readFailureQueue(
  stack: Stack,
  queue: QueueName,
  options: FailureOptions,
): Promise<FailureQueue> {
  const { messages, more } = await receiveMessages(stack, queue, options);
  // Released at once: what follows takes time, and others may be waiting.
  await releaseMessages(stack, queue, messages);
  const described = await describeMessages(stack, queue.name, messages);
  return { queue: queue.name, messages: described.sort((a, b) => a.sentAt - b.sentAt), more };
}
