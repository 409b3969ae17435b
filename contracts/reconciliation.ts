import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { DELIVERY_STATUS, ORDERS_TABLE, undeliveredShard, type PlacedOrder } from "./orderRecord";
import { WORKFLOW_TIMEOUT_SECONDS } from "./workflowInput";

/*
 * How an order's delivery is started again. Whoever wants to has to claim the order first: a conditional update on the
 * table that only one of several succeeds with, because it changes `delivery.retryAt`, on which the others insist.
 */

/** Nobody is sure to be alone with an order that was claimed less than this ago. */
export const SHORTEST_RETRY_SECONDS = 2 * WORKFLOW_TIMEOUT_SECONDS;

/** However many attempts have failed, the next one is no further away. */
const LONGEST_RETRY_SECONDS = 4 * 3_600;

/** What of an order decides whether it may be claimed. */
export type Claimable = Pick<PlacedOrder, "customerId" | "orderId"> & {
  readonly delivery: Pick<PlacedOrder["delivery"], "reconciliations" | "retryAt">;
};

/** One update of an order, but for the table's name. */
export interface OrderUpdate {
  readonly Key: Record<string, AttributeValue>;
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, AttributeValue>;
}

/**
 * How long an attempt is waited for before the next.
 *
 * @param reconciliations 1 after the first time that the reconciler has started the delivery
 * @param firstSeconds how old an undelivered order is when it is started the first time
 */
export function retryDelaySeconds(reconciliations: number, firstSeconds: number): number {
  return Math.min(firstSeconds * 2 ** (reconciliations - 1), Math.max(LONGEST_RETRY_SECONDS, firstSeconds));
}

/** The reconciler's claim: one attempt more, and nobody else's until `retryAt`. */
export function claimForReconciliation(order: Claimable, retryAt: string): OrderUpdate {
  const unclaimed = unclaimedSince(order);
  return {
    Key: keyOf(order),
    UpdateExpression: "SET delivery.reconciliations = :reconciliations, delivery.retryAt = :retryAt",
    ConditionExpression: `attribute_exists(${ORDERS_TABLE.undelivered.partitionKey}) AND ${unclaimed.condition}`,
    ExpressionAttributeValues: marshall({
      ...unclaimed.values,
      ":reconciliations": (order.delivery.reconciliations ?? 0) + 1,
      ":retryAt": retryAt,
    }),
  };
}

/** An operator's claim. An order that was given up is marked as undelivered again, with all its attempts before it. */
export function claimForOperator(order: Claimable, retryAt: string): OrderUpdate {
  const unclaimed = unclaimedSince(order);
  return {
    Key: keyOf(order),
    UpdateExpression: `SET delivery.#status = :pending, ${ORDERS_TABLE.undelivered.partitionKey} = :shard, delivery.retryAt = :retryAt, delivery.reconciliations = :none`,
    ConditionExpression: `delivery.#status <> :delivered AND ${unclaimed.condition}`,
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: marshall({
      ...unclaimed.values,
      ":pending": DELIVERY_STATUS.pending,
      ":delivered": DELIVERY_STATUS.delivered,
      ":shard": undeliveredShard(order.orderId),
      ":retryAt": retryAt,
      ":none": 0,
    }),
  };
}

/** Giving up: the order is FAILED and no longer marked. An execution that delivers it nevertheless still says so. */
export function giveUpDelivery(order: Claimable): OrderUpdate {
  const unclaimed = unclaimedSince(order);
  return {
    Key: keyOf(order),
    UpdateExpression: `SET delivery.#status = :failed REMOVE ${ORDERS_TABLE.undelivered.partitionKey}, delivery.retryAt`,
    ConditionExpression: `attribute_exists(${ORDERS_TABLE.undelivered.partitionKey}) AND ${unclaimed.condition}`,
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: marshall({ ...unclaimed.values, ":failed": DELIVERY_STATUS.failed }),
  };
}

function keyOf({ customerId, orderId }: Claimable) {
  return marshall({ [ORDERS_TABLE.partitionKey]: customerId, [ORDERS_TABLE.sortKey]: orderId });
}

/** That nobody has claimed the order since it was read. */
function unclaimedSince({ delivery: { retryAt } }: Claimable) {
  return retryAt === undefined
    ? { condition: "attribute_not_exists(delivery.retryAt)", values: {} }
    : { condition: "delivery.retryAt = :seen", values: { ":seen": retryAt } };
}
