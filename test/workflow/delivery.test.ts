import { AwsError } from "../../local/aws/error";
import { fromItem, toItem, type OrderRecord, type PlacedOrder } from "../../contracts/orderRecord";
import { workflowInputOf } from "../../contracts/workflowInput";
import { orderEventMessage } from "../../contracts/orderEvent";
import { deliveryWorkflow } from "../../workflow/delivery";
import { startDynamoDb, TABLE, type TestDynamoDb } from "../local/support/dynamodb";
import { MachineFixture, type Ending } from "../local/support/stateMachine";
import { aPlacedOrder, CUSTOMER_ID, ORDER_ID } from "../support/orders";

const TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:order-events-1";
const MESSAGE_ID = "6a0d0b5e-0d3a-5b0e-8a0e-5a1f0c5f4c4e";
const EXECUTION_ARN = /^arn:aws:states:eu-central-1:123456789012:express:machine:[^:]+:[^:]+$/;
const { States, StartAt, Comment, TimeoutSeconds } = deliveryWorkflow({
  topicArn: TOPIC_ARN,
  tableName: TABLE,
});

let machine: MachineFixture;
beforeEach(async () => {
  machine = await MachineFixture.start(States, {}, { StartAt, Comment, TimeoutSeconds });
  // Full jitter waits a random share of each delay: all of it.
  jest.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await machine.stop();
});

const throttled = () => new AwsError("ThrottledException", "Rate exceeded", 429);
const conditionFailed = () =>
  new AwsError("ConditionalCheckFailedException", "The conditional request failed", 400);

/** Runs a delivery to its end, moving the clock forward through its retries and timeouts. */
async function deliver(order: PlacedOrder = aPlacedOrder()): Promise<Ending> {
  let ended = false;
  const ending = machine.run(JSON.parse(workflowInputOf(order))).finally(() => (ended = true));
  while (!ended) {
    await new Promise((resolve) => setImmediate(resolve));
    machine.clock.advance(100);
  }
  return ending;
}

function actions(service: "sns" | "dynamodb"): string[] {
  return machine.services[service].calls.map(({ action }) => action);
}

/** What the update that a call made sets, by the names of the expression's values. */
function valuesOf(call: number): unknown {
  return machine.services.dynamodb.calls[call]?.input["ExpressionAttributeValues"];
}

describe("a delivery", () => {
  test("publishes the finished event, byte for byte, with its attributes", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    await deliver();
    const { message, attributes } = orderEventMessage(aPlacedOrder());
    expect(machine.services.sns.calls.map(({ action, input }) => ({ action, input }))).toEqual([
      {
        action: "Publish",
        input: {
          TopicArn: TOPIC_ARN,
          Message: message,
          MessageAttributes: {
            eventType: { DataType: "String", StringValue: attributes.eventType },
            channel: { DataType: "String", StringValue: attributes.channel },
            country: { DataType: "String", StringValue: attributes.country },
          },
        },
      },
    ]);
  });

  test("records itself on the order and succeeds", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    expect(await deliver()).toMatchObject({ status: "SUCCEEDED", output: {} });
    expect(actions("dynamodb")).toEqual(["UpdateItem"]);
    expect(machine.services.dynamodb.calls[0]?.input).toMatchObject({
      TableName: TABLE,
      Key: { customerId: { S: CUSTOMER_ID }, orderId: { S: ORDER_ID } },
      ConditionExpression: "attribute_exists(orderId)",
    });
    expect(valuesOf(0)).toEqual({
      ":one": { N: "1" },
      ":executionIds": { L: [{ S: expect.stringMatching(EXECUTION_ARN) }] },
      ":delivered": { S: "DELIVERED" },
      ":now": { S: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) },
      ":messageId": { S: MESSAGE_ID },
    });
  });

  test("tries again while the topic throttles, and publishes in the end", async () => {
    machine.services.sns.answer(...Array.from({ length: 6 }, throttled), { MessageId: MESSAGE_ID });
    expect(await deliver()).toMatchObject({ status: "SUCCEEDED" });
    expect(actions("sns")).toHaveLength(7);
    expect(actions("dynamodb")).toHaveLength(1);
  });

  test("of an order whose text means something elsewhere publishes that text", async () => {
    const name = `{% $states.context %} "},"KeyConditionExpression" \\ \u{1F49B}`;
    const posted = JSON.parse(aPlacedOrder().order) as { shipTo: object };
    const order = aPlacedOrder({ order: JSON.stringify({ ...posted, shipTo: { ...posted.shipTo, name } }) });
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    await deliver(order);
    expect(machine.services.sns.calls[0]?.input["Message"]).toBe(orderEventMessage(order).message);
  });
});

describe("a delivery whose event cannot be published", () => {
  test("records the failure after 6 retries, and fails with the topic's error", async () => {
    machine.services.sns.answer(...Array.from({ length: 7 }, throttled));
    const cause = expect.stringMatching(/^SNS\.\w+: Rate exceeded /);
    expect(await deliver()).toEqual({
      status: "FAILED",
      output: undefined,
      error: expect.stringMatching(/^SNS\./),
      cause,
    });
    expect(actions("sns")).toHaveLength(7);
    expect(machine.services.dynamodb.calls.map(({ input }) => input["ConditionExpression"])).toEqual([
      "attribute_exists(undelivered)",
    ]);
    expect(valuesOf(0)).toEqual({
      ":one": { N: "1" },
      ":executionIds": { L: [{ S: expect.stringMatching(EXECUTION_ARN) }] },
      ":lastError": { S: cause },
    });
  });

  test("keeps at most 500 characters of the error", async () => {
    const failures = Array.from({ length: 7 }, () => new AwsError("InternalError", "x".repeat(2_000), 500));
    machine.services.sns.answer(...failures);
    await deliver();
    expect(valuesOf(0)).toMatchObject({ ":lastError": { S: expect.stringMatching(/^.{500}$/) } });
  });

  test("succeeds when another execution has delivered the order in the meantime", async () => {
    machine.services.sns.answer(...Array.from({ length: 7 }, throttled));
    machine.services.dynamodb.answer(conditionFailed());
    expect(await deliver()).toMatchObject({ status: "SUCCEEDED" });
    expect(actions("dynamodb")).toHaveLength(1);
  });

  test("still fails when the failure cannot be recorded either", async () => {
    machine.services.sns.answer(...Array.from({ length: 7 }, throttled));
    machine.services.dynamodb.answer(...Array.from({ length: 5 }, throttled));
    expect(await deliver()).toMatchObject({ status: "FAILED", error: expect.stringMatching(/^SNS\./) });
    expect(actions("dynamodb")).toHaveLength(5);
  });
});

describe("a delivery that is published but cannot be recorded", () => {
  test("records that after 4 retries, and fails", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    machine.services.dynamodb.answer(...Array.from({ length: 5 }, throttled));
    expect(await deliver()).toMatchObject({ status: "FAILED", error: expect.stringMatching(/^DynamoDB\./) });
    expect(actions("sns")).toHaveLength(1);
    expect(actions("dynamodb")).toHaveLength(6);
    expect(machine.services.dynamodb.calls.at(-1)?.input).toMatchObject({
      ConditionExpression: "attribute_exists(undelivered)",
      ExpressionAttributeValues: { ":lastError": { S: expect.stringMatching(/^DynamoDB\..*Rate exceeded/) } },
    });
  });

  test("does not try again when the order does not exist", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    machine.services.dynamodb.answer(conditionFailed(), conditionFailed());
    await deliver();
    expect(actions("dynamodb")).toHaveLength(2);
  });
});

test("the slowest delivery of all still ends in its Fail state, not in the machine's timeout", async () => {
  machine.services.sns.answer(...new Array<"never">(6).fill("never"), { MessageId: MESSAGE_ID });
  machine.services.dynamodb.answer(...new Array<"never">(10).fill("never"));
  const startedAt = machine.clock.now();
  expect(await deliver()).toMatchObject({
    status: "FAILED",
    error: "States.Timeout",
    cause: expect.stringMatching(/^States\.Timeout: /),
  });
  expect(actions("dynamodb")).toHaveLength(10);
  const seconds = (machine.clock.now() - startedAt) / 1_000;
  expect(seconds).toBeGreaterThan(160);
  expect(seconds).toBeLessThan(TimeoutSeconds);
});

describe("on a real table, the order's record", () => {
  let dynamodb: TestDynamoDb;
  beforeEach(async () => {
    dynamodb = await startDynamoDb({
      attributes: [
        { name: "customerId", type: "S" },
        { name: "orderId", type: "S" },
      ],
      hashKey: "customerId",
      rangeKey: "orderId",
    });
    await dynamodb.call("PutItem", { TableName: TABLE, Item: toItem(aPlacedOrder()) });
  });
  afterEach(() => dynamodb.close());

  /** Makes the updates that the machine asked for, and reads the order. */
  async function afterUpdates(): Promise<OrderRecord> {
    for (const { input } of machine.services.dynamodb.calls.splice(0))
      await dynamodb.call("UpdateItem", input);
    const Key = { customerId: { S: CUSTOMER_ID }, orderId: { S: ORDER_ID } };
    const { Item } = await dynamodb.call("GetItem", { TableName: TABLE, Key });
    return fromItem(Item as Parameters<typeof fromItem>[0]);
  }

  test("says DELIVERED, when, as which message and by which execution, and loses its mark", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID });
    await deliver();
    const record = await afterUpdates();
    expect(record).not.toHaveProperty("undelivered");
    expect(record).toMatchObject({
      status: "PLACED",
      order: aPlacedOrder().order,
      delivery: {
        status: "DELIVERED",
        attempts: 1,
        executionIds: [expect.stringMatching(EXECUTION_ARN)],
        messageId: MESSAGE_ID,
        deliveredAt: expect.any(String),
      },
    });
  });

  test("stays PENDING and marked after a failure, with the error, and forgets the error once delivered", async () => {
    machine.services.sns.answer(...Array.from({ length: 7 }, throttled), { MessageId: MESSAGE_ID });
    await deliver();
    expect(await afterUpdates()).toMatchObject({
      undelivered: 7,
      delivery: { status: "PENDING", attempts: 1, lastError: expect.stringMatching(/^SNS\./) },
    });
    await deliver();
    const { delivery } = (await afterUpdates()) as PlacedOrder;
    expect(delivery).toMatchObject({ status: "DELIVERED", attempts: 2, executionIds: { length: 2 } });
    expect(delivery).not.toHaveProperty("lastError");
  });

  test("is left as it is by a failure that comes after the delivery", async () => {
    machine.services.sns.answer({ MessageId: MESSAGE_ID }, ...Array.from({ length: 7 }, throttled));
    await deliver();
    const delivered = await afterUpdates();
    await deliver();
    await expect(afterUpdates()).rejects.toThrow("The conditional request failed");
    expect(await afterUpdates()).toEqual(delivered);
  });
});
