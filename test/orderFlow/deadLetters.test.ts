import { randomUUID } from "node:crypto";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { FilterLogEventsCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { orderAnswer } from "../../contracts/api";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { describeReconciliation } from "./reconciliation.suite";
import { metricSum, outputsOf } from "./metrics";
import { Customer, ON_LOCAL_RUN, openTarget, Queues, type Target } from "./target";

/** Ten receives take ten visibility timeouts: only the local run's clock can be moved. */
const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

let target: Target;
let queues: Queues;
let customer: Customer;
let deadLetters: string;

beforeAll(async () => {
  if (!ON_LOCAL_RUN) return;
  target = await openTarget();
  queues = new Queues(target);
  customer = await Customer.of(target, "customer-1");
  deadLetters = target.outputs.deadLetterQueueUrls["orders"] ?? "";
});

afterAll(async () => {
  if (!ON_LOCAL_RUN) return;
  queues.close();
  await target.close();
});

/** Lets as many visibility timeouts pass as the queue grants receives, each once the message waits for it. */
async function untilDeadLettered(count: number): Promise<void> {
  const QueueUrl = target.outputs.ordersQueueUrl;
  const { Attributes = {} } = await queues.client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout", "RedrivePolicy"] }),
  );
  const timeoutMs = Number(Attributes["VisibilityTimeout"]) * 1_000;
  await waitFor(
    async () => {
      if ((await queues.depth(deadLetters)).visible === count) return true;
      const { visible, inFlight } = await queues.depth(QueueUrl);
      if (visible === 0 && inFlight > 0) target.local?.clock.advance(timeoutMs + 1);
      return false;
    },
    { timeoutMs: 45_000 },
  );
}

const settled = (orderId: string) =>
  waitFor(async () => {
    const { status, body } = await customer.get(`/orders/${orderId}`);
    const answer = status === 200 && orderAnswer.parse(body);
    return answer && (answer.status === "REJECTED" || answer.delivery.status === "DELIVERED") && answer;
  });

describeLocal("a message on the order queue that is no order", () => {
  it("ends in the dead-letter queue after the configured receives; the others of its batch are delivered", async () => {
    const QueueUrl = target.outputs.ordersQueueUrl;
    const orders = Array.from({ length: 3 }, () => anOrder({ orderId: randomUUID() }));
    const send = (MessageBody: string, customerId?: string) =>
      queues.client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody,
          ...(customerId !== undefined && {
            MessageAttributes: { customerId: { DataType: "String", StringValue: customerId } },
          }),
        }),
      );

    await Promise.all([
      send("not JSON", "customer-1"),
      send(JSON.stringify({ no: "order" }), "customer-1"),
      send(JSON.stringify(anOrder({ orderId: randomUUID() }))),
      ...orders.map((order) => send(JSON.stringify(order), "customer-1")),
    ]);

    for (const { orderId } of orders) expect((await settled(orderId)).status).toBe("PLACED");
    await untilDeadLettered(3);
    const messages = await queues.drain(deadLetters);
    expect(messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(["11", "11", "11"]);
    expect(await queues.depth(QueueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });
});

describeLocal("another order under an id that is taken", () => {
  it("leaves the first as it is, is counted, and ends in the dead-letter queue", async () => {
    const first = anOrder({ orderId: randomUUID() });
    const second = { ...first, paymentReference: "another payment" };
    await customer.post(first);
    await settled(first.orderId);

    expect((await customer.post(second)).status).toBe(202);

    await untilDeadLettered(1);
    const [message] = await queues.drain(deadLetters);
    expect(JSON.parse(message?.Body ?? "")).toEqual(second);
    expect((await settled(first.orderId)).order).toEqual(first);
    const logs = new CloudWatchLogsClient(target.aws);
    const conflicts = new FilterLogEventsCommand({
      logGroupName: functionLogGroup(),
      filterPattern: "{ $.OrdersConflicting = 1 }",
    });
    // A function's log lines take a moment to arrive.
    await waitFor(async () => ((await logs.send(conflicts)).events?.length ?? 0) > 0);
    logs.destroy();
  });
});

describeLocal("an order that nothing delivers", () => describeReconciliation(() => target));

describeLocal("the alarms", () => {
  let cloudWatch: CloudWatchClient;
  beforeAll(() => void (cloudWatch = new CloudWatchClient(target.aws)));
  afterAll(() => cloudWatch.destroy());

  const states = async (AlarmNamePrefix: string) => {
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix }));
    return MetricAlarms.map(({ StateValue }) => StateValue);
  };
  const sum = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>) =>
    metricSum(target, cloudWatch, { namespace, name, dimensions });
  const minute = () => target.local?.clock.advance(60_000);

  it("say that there is a dead letter within a minute, and that there is none any more", async () => {
    await queues.client.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: "dead" }));
    minute();
    expect(await states("orders-dead-letters-not-empty")).toEqual(["ALARM"]);
    await queues.drain(deadLetters);
    minute();
    minute();
    expect(await states("orders-dead-letters-not-empty")).toEqual(["OK"]);
  });

  it("say that an accepted order was rejected: the function counts it in its log", async () => {
    const order = anOrder({ orderId: randomUUID() });
    await customer.post({ ...order, total: order.total + 1 });
    expect((await settled(order.orderId)).status).toBe("REJECTED");
    const counted = ["order-service-dev", "OrdersRejected", { service: "process-orders" }] as const;
    // A function's log lines take a moment to arrive.
    await waitFor(async () => (await sum(...counted)) > 0);
    minute();
    expect(await states("process-orders-rejected")).toEqual(["ALARM"]);
  });

  it("have their metrics from every hop", async () => {
    const named = (type: string, name: string) => outputsOf(target, type, name);
    const metrics = [
      [
        "AWS/ApiGateway",
        "Count",
        { ApiName: named("aws:apigateway/restApi:RestApi", "orders")["name"], Stage: "v1" },
      ],
      ["AWS/SQS", "NumberOfMessagesSent", { QueueName: named("aws:sqs/queue:Queue", "orders")["name"] }],
      ...["process-orders", "start-deliveries"].map((name) => [
        "AWS/Lambda",
        "Invocations",
        { FunctionName: named("aws:lambda/function:Function", name)["name"] },
      ]),
      ["order-service-dev", "OrdersPlaced", { service: "process-orders" }],
      ["order-service-dev", "DeliveriesStarted", { service: "start-deliveries" }],
      ["AWS/States", "ExecutionsSucceeded", { StateMachineArn: target.outputs.stateMachineArn }],
      [
        "AWS/SNS",
        "NumberOfMessagesPublished",
        { TopicName: named("aws:sns/topic:Topic", "order-events")["name"] },
      ],
    ] as [string, string, Record<string, string>][];
    for (const metric of metrics) await waitFor(async () => (await sum(...metric)) > 0);
  });
});

function functionLogGroup(): string {
  return String(outputsOf(target, "aws:cloudwatch/logGroup:LogGroup", "process-orders")["name"]);
}
