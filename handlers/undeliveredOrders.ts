import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";
import { DELIVERY_STATUS, ORDERS_TABLE } from "../contracts/orderRecord";
import { claimForReconciliation, giveUpDelivery, type OrderUpdate } from "../contracts/reconciliation";
import { logger } from "./observability";

/** Orders of one page: as many as one BatchGetItem reads (DynamoDB quotas). */
const PAGE_SIZE = 100;

const key = z.object({ customerId: z.string(), orderId: z.string(), placedAt: z.string() });

/** Of the `undelivered` index. */
export type UndeliveredKey = z.infer<typeof key>;

const candidate = key.extend({
  delivery: z.object({
    attempts: z.number(),
    reconciliations: z.number().optional(),
    retryAt: z.string().optional(),
    lastError: z.string().optional(),
  }),
});

/** An undelivered order, as far as it decides what is done about it. */
export type UndeliveredOrder = z.infer<typeof candidate>;

/** The orders that nobody has delivered yet, in the orders table. */
export class UndeliveredOrders {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly tableName: string,
  ) {}

  /**
   * Pages of one shard of the index, longest waiting first. The index may lag behind the table.
   *
   * @param placedBefore ISO 8601, UTC
   */
  async *pages(shard: number, placedBefore: string): AsyncGenerator<readonly UndeliveredKey[]> {
    const { name, partitionKey, sortKey } = ORDERS_TABLE.undelivered;
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.dynamodb.send(
        new QueryCommand({
          TableName: this.tableName,
          IndexName: name,
          KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :placedBefore`,
          ExpressionAttributeValues: { ":shard": { N: String(shard) }, ":placedBefore": { S: placedBefore } },
          Limit: PAGE_SIZE,
          ExclusiveStartKey: start,
        }),
      );
      yield (page.Items ?? []).map((item) => key.parse(unmarshall(item)));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /**
   * Those of a page that are to be taken up now: still marked in the table, and not claimed by somebody who may be
   * delivering them. What DynamoDB leaves out of its answer (`UnprocessedKeys`) is for the next run.
   *
   * @param now ISO 8601, UTC
   */
  async due(page: readonly UndeliveredKey[], now: string): Promise<UndeliveredOrder[]> {
    if (page.length === 0) return [];
    const { partitionKey, sortKey, undelivered } = ORDERS_TABLE;
    const { Responses = {} } = await this.dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: {
          [this.tableName]: {
            Keys: page.map(({ customerId, orderId }) => ({
              [partitionKey]: { S: customerId },
              [sortKey]: { S: orderId },
            })),
            ProjectionExpression: `${partitionKey}, ${sortKey}, placedAt, delivery, ${undelivered.partitionKey}`,
          },
        },
      }),
    );
    return (Responses[this.tableName] ?? [])
      .filter((item) => undelivered.partitionKey in item)
      .flatMap((item) => readCandidate(item) ?? [])
      .filter(({ delivery: { retryAt } }) => retryAt === undefined || retryAt <= now);
  }

  /**
   * Claims an order, as `claimForReconciliation` says.
   *
   * @returns the item; `undefined` when somebody else has changed the order since it was read
   */
  async claim(order: UndeliveredOrder, retryAt: string): Promise<Record<string, AttributeValue> | undefined> {
    try {
      return await this.update(claimForReconciliation(order, retryAt));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The SDK repeats a call whose answer got lost, and meets its own claim.
      return error.Item?.["delivery"]?.M?.["retryAt"]?.S === retryAt ? error.Item : undefined;
    }
  }

  /** @returns whether it is given up now; not when somebody else has changed the order since it was read */
  async giveUp(order: UndeliveredOrder): Promise<boolean> {
    try {
      await this.update(giveUpDelivery(order));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item?.["delivery"]?.M?.["status"]?.S === DELIVERY_STATUS.failed;
    }
  }

  private async update(update: OrderUpdate): Promise<Record<string, AttributeValue> | undefined> {
    const { Attributes } = await this.dynamodb.send(
      new UpdateItemCommand({
        ...{ TableName: this.tableName, ...update },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return Attributes;
  }
}

/** One that cannot be read stays marked, and so counted, until somebody looks at it. */
function readCandidate(item: Record<string, AttributeValue>): UndeliveredOrder | undefined {
  const parsed = candidate.safeParse(unmarshall(item));
  if (!parsed.success) logger.error("Undelivered order unreadable", { orderId: item["orderId"]?.S });
  return parsed.data;
}
