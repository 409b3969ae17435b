import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBClient, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { setTimeout as delay } from "node:timers/promises";
import { DELIVERY_STATUS, ORDERS_TABLE, UNDELIVERED_SHARDS } from "../contracts/orderRecord";
import { LoadClient } from "./loadClient";
import type { LocalOutputs, LocalProcess } from "./localProcess";
import { benchOrder } from "./orders";

/** Requests on their way at once. */
const CONNECTIONS = 48;
const SAMPLE_MS = 250;
const DEADLINE_MS = 900_000;

export interface Throughput {
  readonly orders: number;
  /** From the first POST until the last order is delivered and in every downstream queue. */
  readonly seconds: number;
  readonly ordersPerSecond: number;
  /** Orders per second in each quarter of the orders, by when they reached the last downstream queue. */
  readonly quarters: readonly number[];
  /** Speed of the last quarter as a part of the second's: below 1 when the run slows down as the table grows. */
  readonly lastQuarterToSecond: number;
  readonly lost: number;
  readonly doubled: number;
  readonly peakMegabytes: number | undefined;
  /** What the process has at the end of each quarter: flat, once it is warm. */
  readonly quarterMegabytes: readonly (number | undefined)[];
}

/** Posts orders as fast as the run takes them, and waits until each is DELIVERED and in every downstream queue. */
export async function measureThroughput(
  run: LocalProcess,
  orders: number,
  progress: (delivered: number) => void,
): Promise<Throughput> {
  const client = new LoadClient(run.outputs.apiUrl, await run.token("bench"), CONNECTIONS);
  const ledger = new Ledger(run.outputs);
  const started = performance.now();
  const posting = postAll(client, orders);
  const reached: number[] = [];
  const quarterMegabytes: (number | undefined)[] = [];
  for (let delivered = 0; delivered < orders;) {
    await delay(SAMPLE_MS);
    delivered = await ledger.leastInAQueue();
    progress(delivered);
    for (let quarter = reached.length + 1; quarter <= 4 && delivered >= (orders * quarter) / 4; quarter++) {
      reached.push((performance.now() - started) / 1_000);
      quarterMegabytes.push(run.megabytes());
    }
    if (performance.now() - started > DEADLINE_MS) break;
  }
  await posting;
  await ledger.untilNoneUndelivered(DEADLINE_MS);
  const seconds = (performance.now() - started) / 1_000;
  const delivered = await ledger.countDelivered();
  const most = await ledger.mostInAQueue();
  client.close();
  ledger.close();
  const quarters = reached.map((end, index) => Math.round(orders / 4 / (end - (reached[index - 1] ?? 0))));
  return {
    orders,
    seconds: Math.round(seconds * 100) / 100,
    ordersPerSecond: Math.round(orders / seconds),
    quarters,
    lastQuarterToSecond: Math.round(((quarters[3] ?? 0) / (quarters[1] ?? 1)) * 100) / 100,
    lost: orders - delivered,
    doubled: most - orders,
    peakMegabytes: run.peakMegabytes(),
    quarterMegabytes,
  };
}

async function postAll(client: LoadClient, orders: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < orders) {
      const body = JSON.stringify(benchOrder(next++));
      const answer = await client.request("POST", "/orders", body);
      if (answer.status === 429) await delay(20);
      else if (answer.status !== 202)
        throw new Error(`POST /orders answered ${answer.status}: ${answer.body}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

/** What the table and the queues say, through the AWS endpoint. */
class Ledger {
  private readonly settings;
  private readonly sqs: SQSClient;
  private readonly dynamodb: DynamoDBClient;

  constructor(private readonly outputs: LocalOutputs) {
    this.settings = {
      region: "eu-west-1",
      endpoint: outputs.local.awsEndpointUrl,
      credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    };
    this.sqs = new SQSClient(this.settings);
    this.dynamodb = new DynamoDBClient(this.settings);
  }

  async leastInAQueue(): Promise<number> {
    return Math.min(...(await this.depths()));
  }

  async mostInAQueue(): Promise<number> {
    return Math.max(...(await this.depths()));
  }

  async untilNoneUndelivered(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while ((await this.countUndelivered()) > 0) {
      if (performance.now() > deadline) return;
      await delay(SAMPLE_MS);
    }
  }

  async countDelivered(): Promise<number> {
    let count = 0;
    let start: Record<string, never> | undefined;
    do {
      const page = await this.dynamodb.send(
        new ScanCommand({
          TableName: this.outputs.ordersTableName,
          Select: "COUNT",
          FilterExpression: "delivery.#status = :delivered",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: { ":delivered": { S: DELIVERY_STATUS.delivered } },
          ExclusiveStartKey: start,
        }),
      );
      count += page.Count ?? 0;
      start = page.LastEvaluatedKey as Record<string, never> | undefined;
    } while (start !== undefined);
    return count;
  }

  close(): void {
    this.sqs.destroy();
    this.dynamodb.destroy();
  }

  private async countUndelivered(): Promise<number> {
    const { name, partitionKey } = ORDERS_TABLE.undelivered;
    const shards = Array.from({ length: UNDELIVERED_SHARDS }, (_, shard) =>
      this.dynamodb.send(
        new QueryCommand({
          TableName: this.outputs.ordersTableName,
          IndexName: name,
          Select: "COUNT",
          KeyConditionExpression: `${partitionKey} = :shard`,
          ExpressionAttributeValues: { ":shard": { N: String(shard) } },
        }),
      ),
    );
    return (await Promise.all(shards)).reduce((sum, page) => sum + (page.Count ?? 0), 0);
  }

  private depths(): Promise<number[]> {
    return Promise.all(
      Object.values(this.outputs.downstreamQueueUrls).map(async (QueueUrl) => {
        const answer = await this.sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
        );
        return Number(answer.Attributes?.["ApproximateNumberOfMessages"]);
      }),
    );
  }
}
