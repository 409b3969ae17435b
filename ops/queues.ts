import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Stack } from "./target";

/** A queue of the stack. */
export interface QueueName {
  /** The key in the stack's outputs; `orders` for the order queue. */
  readonly name: string;
  readonly role: "orders" | "downstream" | "failure";
  readonly url: string;
}

/** How full a queue is; SQS calls the figures approximate: they may be up to a minute old. */
export interface QueueDepth extends QueueName {
  /** Messages that wait. */
  readonly visible: number;
  /** Messages that somebody has received and not deleted yet. */
  readonly inFlight: number;
  readonly delayed: number;
}

/** The stack's queues, in the order in which an order passes them. */
export function queuesOf({ outputs }: Stack): QueueName[] {
  const named = (urls: Readonly<Record<string, string>>, role: QueueName["role"]) =>
    Object.entries(urls).map(([name, url]) => ({ name, role, url }));
  return [
    { name: "orders", role: "orders", url: outputs.ordersQueueUrl },
    ...named(outputs.downstreamQueueUrls, "downstream"),
    ...named(outputs.deadLetterQueueUrls, "failure"),
  ];
}

/** The stack's dead-letter and failure queues. */
export function failureQueuesOf(stack: Stack): QueueName[] {
  return queuesOf(stack).filter(({ role }) => role === "failure");
}

/** What is in a queue now. */
export async function readDepth(stack: Stack, queue: QueueName): Promise<QueueDepth> {
  const { Attributes = {} } = await stack.client(SQSClient).send(
    new GetQueueAttributesCommand({
      QueueUrl: queue.url,
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
    }),
  );
  const count = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0);
  return {
    ...queue,
    visible: count("ApproximateNumberOfMessages"),
    inFlight: count("ApproximateNumberOfMessagesNotVisible"),
    delayed: count("ApproximateNumberOfMessagesDelayed"),
  };
}
