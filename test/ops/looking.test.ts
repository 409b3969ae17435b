import { randomUUID } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { marshall } from "@aws-sdk/util-dynamodb";
import { Sns } from "../../local/sns/sns";
import { ON_LOCAL_RUN } from "../orderFlow/target";
import { waitFor } from "../support/waitFor";
import { breakService } from "./support/faults";
import { Operator } from "./support/operator";
import { documentedActions } from "./support/policies";

const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

let operator: Operator;
let undelivered: string;
let rejected: string;

beforeAll(async () => {
  if (!ON_LOCAL_RUN) return;
  operator = await Operator.start();
  await operator.deliver();
  rejected = await operator.place({ total: 1 });
  await operator.until(rejected, "REJECTED");
  undelivered = randomUUID();
  const topic = breakService(Sns, "Publish", undelivered);
  await operator.place({ orderId: undelivered });
  await operator.passTime(() => operator.stands(undelivered, "PENDING", 1));
  topic.mend();
});

afterAll(async () => {
  if (ON_LOCAL_RUN) await operator.stop();
});

const HEADING = "ORDER  CUSTOMER  PLACED (UTC)  AGE  STATUS  ATTEMPTS  ERROR OR REASON";
const DELIVERED = "UUID  customer-1  TIME  AGE  DELIVERED  1";
const REJECTED =
  "UUID  customer-1  TIME  AGE  REJECTED  total: is 1, but quantity x unitPrice of the items add up to 1530";
const PENDING = expect.stringMatching(
  /^UUID {2}customer-1 {2}TIME {2}AGE {2}PENDING {2}1 {2}SNS\.AmazonSNSException/,
);

describeLocal("orders", () => {
  it("lists a customer's by descending time", async () => {
    expect(await operator.lines("orders --customer customer-1")).toEqual([
      HEADING,
      PENDING,
      REJECTED,
      DELIVERED,
      "3 orders.",
    ]);
  });

  it("lists the undelivered ones", async () => {
    expect(await operator.lines("orders --undelivered")).toEqual([HEADING, PENDING, "1 order."]);
    expect(await operator.lines("orders --undelivered --customer customer-2")).toEqual(["0 orders."]);
  });

  it("lists the rejected ones, and says that it took a scan", async () => {
    expect(await operator.lines("orders --rejected")).toEqual([
      HEADING,
      REJECTED,
      "1 order. The table was scanned: 3 orders looked at.",
    ]);
    expect(await operator.lines("orders --rejected --customer customer-1")).toEqual([
      HEADING,
      REJECTED,
      "1 order.",
    ]);
  });

  it("lists those that were placed within a time", async () => {
    expect((await operator.lines("orders --since 1h")).at(-1)).toBe(
      "3 orders. The table was scanned: 3 orders looked at.",
    );
    expect((await operator.lines("orders --since 0s --customer customer-2")).at(-1)).toBe("0 orders.");
  });

  it("says that there are more than it shows, and how to see them", async () => {
    expect((await operator.lines("orders --customer customer-1 --limit 2")).at(-1)).toBe(
      "2 orders. There are more: --limit shows them.",
    );
  });

  it("scans no more of the table than it may", async () => {
    expect((await operator.lines("orders --rejected --scan-limit 1")).at(-1)).toMatch(
      /The table was scanned: 1 order looked at\. The table has more: --scan-limit looks further\.$/,
    );
  });

  it("answers programs without personal data", async () => {
    const { stdout } = await operator.ops("orders --customer customer-1 --json");
    const { orders } = JSON.parse(stdout) as { orders: { status: string; orderId: string }[] };
    expect(orders.map(({ status }) => status)).toEqual(["PLACED", "REJECTED", "PLACED"]);
    expect(stdout).not.toContain("Ada Buyer");
  });
});

describeLocal("status", () => {
  it("shows on one screen what waits, where, and for how long", async () => {
    const lines = await operator.lines("status");
    // CloudWatch tells ages late, and of some queues only.
    const row = (name: string, kind: string, waiting: number): unknown =>
      expect.stringMatching(new RegExp(`^${name} {2}${kind} {2}${waiting} {2}0( {2}AGE)?$`));
    const failureQueues = Object.keys(operator.target.outputs.deadLetterQueueUrls);
    expect(lines.slice(0, 10 + failureQueues.length)).toEqual([
      "the local run, eu-west-1",
      "",
      "Undelivered orders: 1, the oldest for AGE",
      "Orders: about 3 in all, some hours ago (--count counts them by status)",
      "",
      "QUEUE  KIND  WAITING  IN FLIGHT  OLDEST",
      row("orders", "order queue", 0),
      ...["accounting", "fulfillment", "inventory"].map((name) => row(name, "downstream queue", 1)),
      ...failureQueues.map((name) => row(name, "failure queue", 0)),
    ]);
  });

  it("counts the orders by how they stand when it is asked to", async () => {
    expect(await operator.lines("status --count")).toContain("Orders: DELIVERED 1, PENDING 1, REJECTED 1");
    expect(await operator.lines("status --count --scan-limit 2")).toContainEqual(
      expect.stringMatching(/\(of 2 looked at; the table has more\)$/),
    );
  });

  it("shows the alarms that are on, and the age of what waits", async () => {
    const alarm = {
      AlarmName: "orders-dead-letters",
      AlarmActions: [operator.stack.outputs.alarmTopicArn],
      StateReason: "1 datapoint was above the threshold",
      StateTransitionedTimestamp: new Date(),
    };
    const another = { ...alarm, AlarmName: "of-another-stack", AlarmActions: [] };
    const answers: Readonly<Record<string, object>> = {
      DescribeAlarmsCommand: {
        MetricAlarms: operator.stack.outputs.alarmTopicArn ? [alarm, another] : [alarm],
      },
      GetMetricDataCommand: { MetricDataResults: [{ Id: "q0", Values: [90] }] },
    };
    const cloudwatch = jest
      .spyOn(CloudWatchClient.prototype, "send")
      .mockImplementation((command) => answers[command.constructor.name]);
    const lines = await operator.lines("status");
    cloudwatch.mockRestore();
    expect(lines).toContain("orders  order queue  0  0  AGE");
    expect(lines.slice(-3)).toEqual([
      "1 alarm on:",
      "ALARM  FOR  REASON",
      "orders-dead-letters  AGE  1 datapoint was above the threshold",
    ]);
  });

  it("says what it could not read, and shows the rest", async () => {
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDenied" });
    const cloudwatch = jest.spyOn(CloudWatchClient.prototype, "send").mockImplementation(() => {
      throw denied;
    });
    const lines = await operator.lines("status");
    cloudwatch.mockRestore();
    expect(lines).toContain("Ages: unknown (AccessDenied: not authorized)");
    expect(lines).toContain("Alarms: unknown (AccessDenied: not authorized)");
    expect(lines).toContain("Undelivered orders: 1, the oldest for AGE");
  });
});

describeLocal("status of orders that wait for longer than a delivery takes", () => {
  it("tells how many there are", async () => {
    const { customerId } = await operator.record(undelivered);
    await operator.update({
      Key: marshall({ customerId, orderId: undelivered }),
      UpdateExpression: "SET placedAt = :placedAt",
      ConditionExpression: "attribute_exists(orderId)",
      ExpressionAttributeValues: marshall({ ":placedAt": new Date(Date.now() - 360_000).toISOString() }),
    });
    expect(await operator.lines("status")).toContain(
      "Undelivered orders: 1, the oldest for AGE; 1 for longer than a delivery takes: see orders --undelivered",
    );
  });
});

describeLocal("tail", () => {
  it("shows orders as they move until Ctrl-C, which is its proper end", async () => {
    const ctrlC = new AbortController();
    let printed = "";
    const running = operator.ops("tail --customer customer-1", ctrlC.signal, (text) => (printed += text));
    await waitFor(() => printed.startsWith("Following the orders of the local run."));
    await operator.deliver();
    await operator.place({ total: 1 });
    await waitFor(() => printed.trimEnd().split("\n").length === 4);
    ctrlC.abort();

    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines).toEqual(
      expect.arrayContaining([
        "TIME  UUID  customer-1  stored  PLACED",
        "TIME  UUID  customer-1  DELIVERED after N s, 1 attempt",
        expect.stringContaining("TIME  UUID  customer-1  stored  REJECTED: total: is 1"),
      ]),
    );
  });
});

describeLocal("the policy of an operator who looks", () => {
  it("allows what the commands need, and nothing else", async () => {
    await operator.queues.client.send(
      new SendMessageCommand({
        QueueUrl: operator.target.outputs.deadLetterQueueUrls["orders"],
        MessageBody: "no order",
      }),
    );
    for (const command of [`history ${undelivered}`, "failures", "orders --rejected", "orders --undelivered"])
      await operator.lines(command);
    const { look } = documentedActions();
    expect([...operator.called].sort()).toEqual(look);
  });
});
