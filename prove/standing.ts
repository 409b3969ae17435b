import { unmarshall } from "@aws-sdk/util-dynamodb";
import { ORDERS_TABLE, UNDELIVERED_SHARDS, orderRecord, type OrderRecord } from "../contracts/orderRecord";
import type { World } from "./world";

/** Every order of the table, read in pages. */
export async function* storedOrders(world: World): AsyncGenerator<OrderRecord> {
  let ExclusiveStartKey: unknown;
  do {
    const page = (await world.call("dynamodb", "Scan", {
      TableName: world.outputs.ordersTableName,
      ExclusiveStartKey,
    })) as { Items: Parameters<typeof unmarshall>[0][]; LastEvaluatedKey?: unknown };
    for (const item of page.Items) yield orderRecord.parse(unmarshall(item));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

/** How many orders are marked as undelivered. */
export async function countUndelivered(world: World): Promise<number> {
  const { name, partitionKey } = ORDERS_TABLE.undelivered;
  const counts = Array.from({ length: UNDELIVERED_SHARDS }, async (_, shard) => {
    let count = 0;
    let ExclusiveStartKey: unknown;
    do {
      const page = await world.call("dynamodb", "Query", {
        TableName: world.outputs.ordersTableName,
        IndexName: name,
        Select: "COUNT",
        KeyConditionExpression: `${partitionKey} = :shard`,
        ExpressionAttributeValues: { ":shard": { N: String(shard) } },
        ExclusiveStartKey,
      });
      count += Number(page["Count"]);
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
    return count;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
