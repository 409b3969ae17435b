import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import type { QueueName } from "../queues";
import type { Stack } from "../target";

/** How a move went. */
export interface Moved {
  readonly status: "COMPLETED" | "CANCELLED" | "FAILED";
  readonly count: number;
  readonly reason: string | undefined;
}

const PAUSE_MS = 500;

/**
 * Lets SQS move a dead-letter queue back to where its messages came from, and waits until that is done. A task that
 * runs already is followed instead; aborting cancels it.
 *
 * @param onMoved told how many messages have been moved so far
 */
export async function moveQueue(
  stack: Stack,
  queue: QueueName,
  rate: number,
  signal: AbortSignal,
  onMoved: (count: number) => void,
): Promise<Moved> {
  const sqs = stack.client(SQSClient);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["QueueArn"] }),
  );
  const SourceArn = Attributes?.QueueArn;
  if ((await latestTask(sqs, SourceArn))?.Status !== "RUNNING")
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, MaxNumberOfMessagesPerSecond: rate }));
  for (;;) {
    const task = await latestTask(sqs, SourceArn);
    const count = task?.ApproximateNumberOfMessagesMoved ?? 0;
    onMoved(count);
    if (task?.Status === "COMPLETED" || task?.Status === "CANCELLED" || task?.Status === "FAILED")
      return { status: task.Status, count, reason: task.FailureReason };
    if (signal.aborted && task?.TaskHandle !== undefined && task.Status === "RUNNING")
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: task.TaskHandle }));
    await sleep(PAUSE_MS, undefined, signal.aborted ? {} : { signal }).catch(() => undefined);
  }
}

async function latestTask(sqs: SQSClient, SourceArn: string | undefined) {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}
