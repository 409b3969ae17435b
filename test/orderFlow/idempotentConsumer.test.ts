import { randomUUID } from "node:crypto";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { FAILURE_QUEUE_RETENTION_SECONDS } from "../../components/failureQueue";
import { orderEventMessage } from "../../contracts/orderEvent";
import { retryDelaySeconds } from "../../contracts/reconciliation";
import { idempotentConsumer, recordSale, REMEMBERED_SECONDS } from "../../examples/idempotentConsumer";
import { Clock } from "../../local/clock";
import { DynamoDb } from "../../local/dynamodb/dynamoDb";
import { openStore } from "../../local/store";
import { allowAll } from "../local/support/authorizer";
import { serve } from "../local/support/endpoint";
import { host, resource } from "../local/support/resource";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { Customer, openTarget, Queues } from "./target";

/** The consumer's own table: not a part of the stack, so the suite hosts one for it. */
const TABLE = resource(
  "aws:dynamodb/table:Table",
  "sales",
  {
    attributes: [{ name: "pk", type: "S" }],
    hashKey: "pk",
    billingMode: "PAY_PER_REQUEST",
    ttl: { attributeName: "expiresAt", enabled: true },
  },
  { name: "sales", arn: "arn:aws:dynamodb:eu-west-1:123456789012:table/sales" },
);

let close: () => Promise<void>;
let dynamodb: DynamoDBClient;
let consume: (event: SQSEvent) => ReturnType<ReturnType<typeof idempotentConsumer>>;

beforeEach(async () => {
  const store = openStore();
  const clock = new Clock();
  const service = new DynamoDb({ store, clock, iam: allowAll, keys: allowAll, region: "eu-west-1" });
  await host(service, TABLE);
  const endpoint = await serve({ dynamodb: service });
  dynamodb = new DynamoDBClient(endpoint.client);
  consume = idempotentConsumer({ dynamodb, tableName: "sales", effect: recordSale });
  close = async () => {
    dynamodb.destroy();
    await endpoint.close();
    clock.stop();
    store.close();
  };
});

afterEach(() => close());

function aMessage(body: string): SQSRecord {
  return { messageId: randomUUID(), body, messageAttributes: {}, attributes: {} } as unknown as SQSRecord;
}

function anEvent(customerId = "customer-1", orderId = randomUUID()): string {
  const order = JSON.stringify(anOrder({ orderId }));
  return orderEventMessage({ customerId, orderId, placedAt: "2026-11-20T10:00:00.000Z", order }).message;
}

async function sales(): Promise<{ orders: number; revenue: number }> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: "sales", Key: { pk: { S: "sales#GBP" } } }),
  );
  return { orders: Number(Item?.["orderCount"]?.N ?? 0), revenue: Number(Item?.["revenue"]?.N ?? 0) };
}

it("takes each order once, however often the queue brings it", async () => {
  const [first, second] = [anEvent(), anEvent()];

  await consume({ Records: [first, second, first].map(aMessage) });
  await consume({ Records: Array.from({ length: 50 }, () => aMessage(first)) });

  expect(await sales()).toEqual({ orders: 2, revenue: 3_060 });
});

it("has one effect of an order that was posted 50 times at once", async () => {
  const target = await openTarget();
  const queues = new Queues(target);
  try {
    const customer = await Customer.of(target, "customer-1");
    const order = anOrder({ orderId: randomUUID() });
    await Promise.all(Array.from({ length: 50 }, () => customer.post(order)));
    await waitFor(async () => {
      const { visible, inFlight } = await queues.depth(target.outputs.ordersQueueUrl);
      return visible + inFlight === 0;
    });
    const events = await waitFor(async () => {
      const messages = await queues.drain(target.outputs.downstreamQueueUrls["accounting"] ?? "");
      return messages.length > 0 && messages;
    });

    await consume({ Records: events.map(({ Body = "" }) => aMessage(Body)) });

    expect(await sales()).toEqual({ orders: 1, revenue: order.total });
  } finally {
    queues.close();
    await target.close();
  }
});

it("remembers an event for longer than its last copy can take to come", () => {
  const firstSeconds = 15 * 60;
  const attempts = Array.from({ length: 10 }, (_, index) => retryDelaySeconds(index + 1, firstSeconds));
  const reconciled = attempts.reduce((total, seconds) => total + seconds, firstSeconds);

  // SNS Developer Guide, message delivery retries, AWS managed endpoints.
  const notified = 23 * 24 * 3_600;

  expect(REMEMBERED_SECONDS).toBeGreaterThan(reconciled + notified + 2 * FAILURE_QUEUE_RETENTION_SECONDS);
});

it("takes two customers' orders under one id as two", async () => {
  const orderId = randomUUID();

  await consume({
    Records: [aMessage(anEvent("customer-1", orderId)), aMessage(anEvent("customer-2", orderId))],
  });

  expect(await sales()).toMatchObject({ orders: 2 });
});

it("reports what it cannot read, and takes the rest of the batch", async () => {
  const [good, bad] = [aMessage(anEvent()), aMessage("not an event")];

  expect(await consume({ Records: [bad, good] })).toEqual({
    batchItemFailures: [{ itemIdentifier: bad.messageId }],
  });
  expect(await sales()).toMatchObject({ orders: 1 });
});

it("takes an order later when its table refused the first time", async () => {
  const event = anEvent();
  const refusing = idempotentConsumer({ dynamodb, tableName: "elsewhere", effect: recordSale });
  const message = aMessage(event);

  expect(await refusing({ Records: [message] })).toEqual({
    batchItemFailures: [{ itemIdentifier: message.messageId }],
  });
  await consume({ Records: [message] });

  expect(await sales()).toMatchObject({ orders: 1 });
});
