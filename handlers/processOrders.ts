import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { processOrdersEnvironment, readEnvironment } from "../contracts/environment";
import { ORDER_STATUS, toItem, type OrderRecord } from "../contracts/orderRecord";
import { CLIENT_SETTINGS } from "./awsClients";
import { count, errorForLog, logger, withMetrics } from "./observability";
import { readOrderMessage, recordOf, UnreadableMessage } from "./orderMessage";

const environment = readEnvironment(processOrdersEnvironment);
const dynamodb = new DynamoDBClient(CLIENT_SETTINGS);
const processor = new BatchProcessor(EventType.SQS);

/** Another order was placed under this id before: the first stays as it is. */
export class OrderConflict extends Error {
  override readonly name = "OrderConflict";

  constructor(orderId: string) {
    super(`Order ${orderId} exists with other content. A corrected order takes a new id.`);
  }
}

/**
 * Stores each order of a batch from the order queue (hop 3).
 *
 * A message that fails is reported alone and received again; after the queue's configured receives it is in the
 * dead-letter queue. The same order twice is a success.
 */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  withMetrics(() =>
    processPartialResponse(event, storeOrder, processor, { context, throwOnFullBatchFailure: false }),
  );

async function storeOrder(message: SQSRecord): Promise<void> {
  const receives = Number(message.attributes.ApproximateReceiveCount);
  let ids: Record<string, unknown> = { messageId: message.messageId, receives };
  try {
    const received = readOrderMessage(message);
    ids = { ...ids, orderId: received.orderId, requestId: received.requestId };
    const record = recordOf(received);
    const outcome = await putOnce(record);
    count(outcome);
    logger.info(outcome, {
      ...ids,
      ...(record.status === ORDER_STATUS.rejected && { reasons: record.reasons }),
    });
  } catch (error) {
    if (error instanceof OrderConflict) count("OrdersConflicting");
    if (error instanceof UnreadableMessage) count("MessagesUnreadable");
    logger.error("Order not stored", { ...ids, ...errorForLog(error) });
    throw error;
  }
}

/** One conditional put: whoever comes second with the same id changes nothing. */
async function putOnce(record: OrderRecord): Promise<"OrdersPlaced" | "OrdersRejected" | "OrdersDuplicate"> {
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: environment.ORDERS_TABLE_NAME,
        Item: toItem(record),
        ConditionExpression: "attribute_not_exists(orderId)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return record.status === ORDER_STATUS.placed ? "OrdersPlaced" : "OrdersRejected";
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    if (error.Item["contentHash"]?.S !== record.contentHash) throw new OrderConflict(record.orderId);
    return "OrdersDuplicate";
  }
}
