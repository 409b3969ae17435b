import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { readEnvironment, startDeliveriesEnvironment } from "../contracts/environment";
import { fromItem, ORDER_STATUS } from "../contracts/orderRecord";
import { nextExecution } from "../contracts/workflowInput";
import { CLIENT_SETTINGS } from "./awsClients";
import { count, errorForLog, logger, withMetrics } from "./observability";

const environment = readEnvironment(startDeliveriesEnvironment);
const stepFunctions = new SFNClient(CLIENT_SETTINGS);
const processor = new BatchProcessor(EventType.DynamoDBStreams);

/**
 * Starts one execution of the delivery workflow for each placed order of a batch from the table's stream (hop 5).
 *
 * The records of a batch run side by side: the mapping's batch size bounds the concurrency. What fails is reported by
 * its sequence number; Lambda reads the shard again from the lowest one, so an order may be delivered twice.
 */
export const handler = (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> =>
  withMetrics(() =>
    processPartialResponse(event, startDelivery, processor, { context, throwOnFullBatchFailure: false }),
  );

async function startDelivery(change: DynamoDBRecord): Promise<void> {
  const eventId = change.eventID;
  try {
    // The event's attribute values have the SDK's shape; binary ones, which would differ, no order holds.
    const record = fromItem((change.dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>);
    if (record.status !== ORDER_STATUS.placed)
      throw new Error("Not a placed order: the mapping's filter let it through.");
    const started = await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: environment.STATE_MACHINE_ARN,
        ...nextExecution(record),
      }),
    );
    count("DeliveriesStarted");
    logger.info("DeliveriesStarted", {
      eventId,
      orderId: record.orderId,
      requestId: record.requestId,
      executionArn: started.executionArn,
    });
  } catch (error) {
    const orderId = change.dynamodb?.Keys?.["orderId"]?.S;
    const requestId = change.dynamodb?.NewImage?.["requestId"]?.S;
    logger.error("Delivery not started", { eventId, orderId, requestId, ...errorForLog(error) });
    throw error;
  }
}
