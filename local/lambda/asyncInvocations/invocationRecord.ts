import type { QueuedEvent } from "./eventStore";

/**
 * Why an event is given up. `ZeroReservedConcurrency` is not in Lambda's guide; it is what AWS answered to LocalStack's
 * tests (localstack/localstack, services/lambda_/invocation/event_manager.py).
 */
export type Condition = "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";

/**
 * What the on-failure destination gets (Lambda Developer Guide, "Capturing records of Lambda asynchronous
 * invocations", example invocation record). Without an answer of the function it has no response.
 *
 * @param now milliseconds since the epoch
 */
export function invocationRecord(
  functionArn: string,
  { requestId, payload, failures, last }: QueuedEvent,
  condition: Condition,
  now: number,
): object {
  return {
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: failures,
    },
    requestPayload: JSON.parse(payload) as unknown,
    ...(last && {
      responseContext: {
        statusCode: 200,
        executedVersion: last.executedVersion,
        functionError: last.functionError,
      },
      responsePayload: JSON.parse(last.payload) as unknown,
    }),
  };
}
