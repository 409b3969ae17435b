import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { readDepth, type QueueName } from "../queues";
import type { Stack } from "../target";

/** For how long a message that is being looked at is hidden from others. */
const HIDDEN_SECONDS = 60;

/** ReceiveMessage and its companions take this many (SQS API reference). */
const BATCH = 10;

export interface ReceiveOptions {
  /** At most so many. */
  readonly limit: number;
  /**
   * Whether to ask until nothing more comes: it takes a second. Otherwise the queue's own count, which may be a minute
   * old, says when all are there.
   */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
}

export interface Received {
  readonly messages: readonly Message[];
  /** Whether there may be more than the limit let through, or messages that somebody else has received. */
  readonly more: boolean;
}

/**
 * Receives the messages of a queue, each once. They are hidden from others until they are released, or for a minute.
 * Nothing receives from a dead-letter queue on its own and none has a redrive policy, so the receive count that this
 * raises has no effect.
 */
export async function receiveMessages(
  stack: Stack,
  queue: QueueName,
  { limit, thorough, signal }: ReceiveOptions,
): Promise<Received> {
  const { visible, inFlight } = await readDepth(stack, queue);
  const messages = new Map<string, Message>();
  const enough = () => messages.size >= limit || (!thorough && messages.size >= visible);
  while (!enough()) {
    signal.throwIfAborted();
    const batch = await receiveBatch(stack, queue, limit - messages.size);
    for (const message of batch) messages.set(message.MessageId ?? "", message);
    if (batch.length === 0) break;
  }
  return { messages: [...messages.values()], more: inFlight > 0 || messages.size >= limit };
}

/**
 * Receives up to ten messages, hidden from others for a minute.
 *
 * @param limit when fewer are wanted
 */
export async function receiveBatch(stack: Stack, queue: QueueName, limit = BATCH): Promise<Message[]> {
  const { Messages = [] } = await stack.client(SQSClient).send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: Math.min(BATCH, limit),
      // Long polling asks all of SQS's servers, so an empty answer means an empty queue (Developer Guide).
      WaitTimeSeconds: 1,
      VisibilityTimeout: HIDDEN_SECONDS,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return Messages;
}

/** Shows received messages to others again; what is gone meanwhile, or shown already, is left. */
export async function releaseMessages(
  stack: Stack,
  queue: QueueName,
  messages: readonly Message[],
): Promise<void> {
  for (let start = 0; start < messages.length; start += BATCH) {
    const Entries = messages
      .slice(start, start + BATCH)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    await stack
      .client(SQSClient)
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }));
  }
}
