import { sendToFailureQueue } from "../failureQueue";
import type { InvocationResult } from "../lambdaFunction";
import type { MappingContext } from "./mapping";
import type { StreamMappingSettings } from "./mappingSettings";
import type { StreamItem } from "./streamBatch";

/** Why a batch is given up. */
export interface Discard {
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  readonly invocations: number;
  readonly last: InvocationResult | undefined;
}

/**
 * Tells the mapping's on-failure queue which records were given up: where they are in the stream, not what they hold
 * (Lambda Developer Guide, "Adding an on-failure destination", DynamoDB).
 */
export async function sendDiscard(
  settings: StreamMappingSettings,
  context: MappingContext,
  shardId: string,
  items: readonly StreamItem[],
  why: Discard,
): Promise<void> {
  if (settings.failureQueueArn === undefined) return;
  const record = discardMessage(settings, context, shardId, items, why);
  await sendToFailureQueue(context, settings.failureQueueArn, record);
}

function discardMessage(
  settings: StreamMappingSettings,
  context: MappingContext,
  shardId: string,
  items: readonly StreamItem[],
  { condition, invocations, last }: Discard,
): object {
  const first = items[0]?.record.dynamodb;
  const final = items.at(-1)?.record.dynamodb;
  return {
    requestContext: {
      ...(last && { requestId: last.requestId }),
      functionArn: context.function.settings.arn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(last && {
      responseContext: {
        statusCode: 200,
        executedVersion: last.executedVersion,
        ...(last.functionError && { functionError: last.functionError }),
      },
    }),
    version: "1.0",
    timestamp: new Date(context.clock.now()).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: final?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(final?.ApproximateCreationDateTime),
      batchSize: items.length,
      streamArn: settings.sourceArn,
    },
  };
}

/** @param seconds since the epoch */
function arrival(seconds = 0): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}
