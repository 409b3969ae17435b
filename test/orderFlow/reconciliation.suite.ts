import { randomUUID } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { deliveryFailure } from "../../contracts/deliveryFailure";
import { orderEvent } from "../../contracts/orderEvent";
import {
  fromItem,
  toItem,
  undeliveredShard,
  type OrderRecord,
  type PlacedOrder,
} from "../../contracts/orderRecord";
import type { FaultPlan } from "../../local/faults/rules";
import { anOrder, aPlacedOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { metricSum, outputsOf } from "./metrics";
import { Customer, Queues, type Target } from "./target";

const MINUTE = 60_000;

const isDelivered = ({ delivery }: PlacedOrder) => delivery.status === "DELIVERED";

/**
 * Hop 10, with the run's clock moved: only the local run can wait for hours.
 *
 * @param run the local run to ask, once it is there
 */
export function describeReconciliation(run: () => Target): void {
  let queues: Queues;
  let dynamodb: DynamoDBClient;
  let cloudWatch: CloudWatchClient;
  let customer: Customer;

  beforeAll(async () => {
    queues = new Queues(run());
    dynamodb = new DynamoDBClient(run().aws);
    cloudWatch = new CloudWatchClient(run().aws);
    customer = await Customer.of(run(), "customer-1");
  });
  afterEach(() => run().local?.faults.clear());
  afterAll(() => {
    queues.close();
    dynamodb.destroy();
    cloudWatch.destroy();
  });

  const failing = (...rules: readonly object[]) =>
    run().local?.faults.set({ seed: 1, rules: rules as FaultPlan["rules"] });
  const TableName = () => run().outputs.ordersTableName;

  async function record(customerId: string, orderId: string): Promise<PlacedOrder | undefined> {
    const Key = { customerId: { S: customerId }, orderId: { S: orderId } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: TableName(), Key }));
    const found = Item && fromItem(Item);
    return found?.status === "PLACED" ? found : undefined;
  }

  const pass = (ms: number) => run().local?.clock.advance(ms);
  const starts = () =>
    metricSum(run(), cloudWatch, {
      ...{ namespace: "AWS/Lambda", name: "Invocations" },
      dimensions: {
        FunctionName: String(outputsOf(run(), "aws:lambda/function:Function", "start-deliveries")["name"]),
      },
    });
  const injected = () => run().local?.faults.report().counters[0]?.injected ?? 0;

  const untilOrder = (
    { customerId, orderId }: Pick<PlacedOrder, "customerId" | "orderId">,
    isSo: (order: PlacedOrder) => boolean,
  ) =>
    waitFor(async () => {
      const order = await record(customerId, orderId);
      return order && isSo(order) && order;
    });

  /** An order that was placed so long ago, as if nothing had ever started its delivery. */
  async function forgotten(minutes: number, delivery: Partial<PlacedOrder["delivery"]> = {}) {
    const orderId = randomUUID();
    const order = aPlacedOrder({
      ...{ orderId, order: JSON.stringify(anOrder({ orderId })), undelivered: undeliveredShard(orderId) },
      placedAt: new Date((run().local?.clock.now() ?? 0) - minutes * MINUTE).toISOString(),
      delivery: { status: "PENDING", attempts: 0, executionIds: [], ...delivery },
    });
    // Only an insertion of a placed order starts a delivery.
    const other: OrderRecord = { ...order, status: "REJECTED", reasons: ["none"] };
    for (const record of [other, order])
      await dynamodb.send(new PutItemCommand({ TableName: TableName(), Item: toItem(record) }));
    return order;
  }

  async function eventsOf(orderId: string): Promise<number[]> {
    const perQueue = await Promise.all(
      Object.values(run().outputs.downstreamQueueUrls).map((url) => queues.drain(url)),
    );
    return perQueue.map(
      (messages) =>
        messages.filter(({ Body = "" }) => orderEvent.parse(JSON.parse(Body)).subject === orderId).length,
    );
  }

  it("is delivered by the reconciler once the topic takes it again", async () => {
    failing({
      ...{ service: "sns", operation: "Publish", resource: "order-events" },
      ...{ always: true, fault: "serverError" },
    });
    const order = anOrder({ orderId: randomUUID() });
    const startsBefore = await starts();
    await customer.post(order);
    // The clock must not jump while the function that starts the delivery is at it: it would time out, and do so again.
    await waitFor(async () => (await starts()) > startsBefore);
    const key = { customerId: "customer-1", orderId: order.orderId };
    // The workflow waits up to 20 s before each of its six retries.
    for (let tried = 1; tried <= 7; tried++) {
      await waitFor(() => injected() >= tried);
      pass(20_000);
    }
    const failed = await untilOrder(key, ({ delivery }) => delivery.attempts > 0);
    expect(failed.delivery).toMatchObject({
      status: "PENDING",
      lastError: expect.stringContaining("SNS") as unknown,
    });
    expect(await eventsOf(order.orderId)).toEqual([0, 0, 0]);

    run().local?.faults.clear();
    pass(16 * MINUTE);

    const { delivery, undelivered } = await untilOrder(key, isDelivered);
    expect(delivery).toMatchObject({ attempts: 2, reconciliations: 1 });
    expect(delivery).not.toHaveProperty("lastError");
    expect(undelivered).toBeUndefined();
    expect(await eventsOf(order.orderId)).toEqual([1, 1, 1]);
  });

  it("is delivered though its first delivery never began", async () => {
    const order = await forgotten(20);
    pass(5 * MINUTE);
    const { delivery } = await untilOrder(order, isDelivered);
    expect(delivery.reconciliations).toBe(1);
  });

  it("is given up after its last attempt: FAILED, and a message tells", async () => {
    const past = new Date((run().local?.clock.now() ?? 0) - MINUTE).toISOString();
    const order = await forgotten(2_000, {
      attempts: 11,
      reconciliations: 10,
      retryAt: past,
      lastError: "SNS: no",
    });
    pass(5 * MINUTE);
    const { undelivered, delivery } = await untilOrder(order, (now) => now.delivery.status === "FAILED");
    expect(undelivered).toBeUndefined();
    expect(delivery).toMatchObject({ attempts: 11, lastError: "SNS: no" });
    const messages = await queues.drain(run().outputs.deadLetterQueueUrls["deliveryFailures"] ?? "");
    expect(messages.map(({ Body = "" }) => deliveryFailure.parse(JSON.parse(Body)))).toEqual([
      expect.objectContaining({
        orderId: order.orderId,
        attempts: 11,
        reconciliations: 10,
        lastError: "SNS: no",
      }),
    ]);
  });
}
