import type { AwsApi } from "../aws/api";
import { queueUrl } from "../aws/arn";
import type { LambdaFunction } from "./lambdaFunction";

interface FailureQueueContext {
  readonly origin: string;
  readonly sqs: AwsApi;
  readonly function: Pick<LambdaFunction, "caller" | "metrics">;
  readonly onFault: (error: unknown) => void;
}

/**
 * Sends a record of what was given up to an on-failure queue, as the function's role. A record that cannot be sent is
 * dropped, as AWS does: it is counted, and reported.
 */
export async function sendToFailureQueue(
  { origin, sqs, function: target, onFault }: FailureQueueContext,
  queueArn: string,
  record: object,
): Promise<void> {
  const message = { QueueUrl: queueUrl(origin, queueArn), MessageBody: JSON.stringify(record) };
  try {
    await sqs.call("SendMessage", message, target.caller);
  } catch (error) {
    target.metrics.destinationFailed();
    onFault(error);
  }
}
