import { randomUUID } from "node:crypto";
import { claimForReconciliation } from "../../contracts/reconciliation";
import { Customer, ON_LOCAL_RUN } from "../orderFlow/target";
import { DynamoDb } from "../../local/dynamodb/dynamoDb";
import { Sns } from "../../local/sns/sns";
import { StepFunctions } from "../../local/stepfunctions/stepFunctions";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { breakService, DENIED } from "./support/faults";
import { failedDelivery, givenUp } from "./support/failures";
import { Operator } from "./support/operator";

/** What goes wrong here can only be made to go wrong on the local run. */
const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

const STORED = ["TIME  accepted (request ID)", "stored as PLACED"];
const ERROR = "SNS.AmazonSNSException: The service is down.";

function failedAttempt(number: number): unknown {
  return expect.stringContaining(`TIME  attempt ${number} failed in N s: ${ERROR}`);
}

let operator: Operator;

beforeAll(async () => {
  if (ON_LOCAL_RUN) operator = await Operator.start();
});

afterAll(async () => {
  if (ON_LOCAL_RUN) await operator.stop();
});

/** The history's lines without their indentation. */
async function history(orderId: string, options = ""): Promise<string[]> {
  return (await operator.lines(`history ${orderId}${options}`)).map((line) => line.trim());
}

function delivery(attempt: number): string[] {
  return [
    `TIME  execution UUID-${attempt} started`,
    "TIME  PublishOrder succeeded in N s: published as message UUID",
    "TIME  RecordDelivery succeeded in N s",
    `TIME  execution UUID-${attempt} succeeded after N s`,
  ];
}

describeLocal("the history of an order", () => {
  it("that was delivered goes from its acceptance to its delivery", async () => {
    expect(await history(await operator.deliver())).toEqual([
      "Order UUID of customer customer-1: DELIVERED, 1 attempt",
      ...STORED,
      ...delivery(1),
      "TIME  delivered as message UUID",
    ]);
  });

  it("whose publishing had to be retried shows each attempt and its error", async () => {
    const orderId = randomUUID();
    const topic = breakService(Sns, "Publish", orderId, { times: 2 });
    await operator.place({ orderId });
    await operator.passTime(async () => topic.count === 2 && (await operator.stands(orderId, "DELIVERED")));
    topic.mend();

    expect(await history(orderId)).toEqual([
      "Order UUID of customer customer-1: DELIVERED, 1 attempt",
      ...STORED,
      "TIME  execution UUID-1 started",
      "TIME  PublishOrder succeeded after 3 attempts in N s",
      failedAttempt(1),
      failedAttempt(2),
      "TIME  attempt 3 succeeded in N s: published as message UUID",
      "TIME  RecordDelivery succeeded in N s",
      "TIME  execution UUID-1 succeeded after N s",
      "TIME  delivered as message UUID",
    ]);
  });

  it("whose workflow ran twice shows both executions", async () => {
    const orderId = await operator.deliver();
    await operator.startExecution(orderId, 2);
    await operator.until(orderId, "DELIVERED", 2);

    expect(await history(orderId)).toEqual([
      "Order UUID of customer customer-1: DELIVERED, 2 attempts",
      ...STORED,
      ...delivery(1),
      ...delivery(2),
      "TIME  delivered as message UUID",
    ]);
  });

  it("whose delivery failed shows where and why, and that it is not delivered", async () => {
    const orderId = randomUUID();
    const topic = breakService(Sns, "Publish", orderId);
    await operator.place({ orderId });
    await operator.passTime(() => operator.stands(orderId, "PENDING", 1));
    topic.mend();

    const lines = await history(orderId);
    expect(lines.slice(0, 5)).toEqual([
      "Order UUID of customer customer-1: PENDING, 1 attempt",
      ...STORED,
      "TIME  execution UUID-1 started",
      "TIME  PublishOrder failed after 7 attempts, the workflow went on in N s",
    ]);
    expect(lines.slice(5, 12)).toEqual([1, 2, 3, 4, 5, 6, 7].map(failedAttempt));
    expect(lines.slice(12)).toEqual([
      "TIME  RecordFailure succeeded in N s",
      "TIME  DeliveryFailed ended the execution",
      expect.stringContaining(`TIME  execution UUID-1 failed after N s: ${ERROR}`),
      expect.stringContaining(`not delivered yet; last error: ${ERROR}`),
    ]);
  });

  it("that the reconciler has started again tells when its next attempt is due", async () => {
    const orderId = await failedDelivery(operator);
    const retryAt = "2026-11-20T12:30:00.000Z";
    await operator.update(claimForReconciliation(await operator.placed(orderId), retryAt));
    expect((await history(orderId)).at(-1)).toMatch(
      /^not delivered yet, started again 1 time by the reconciler; next attempt not before TIME; last error: /,
    );
  });

  it("that was given up tells when, after what, and how to start it again", async () => {
    const orderId = await givenUp(operator);
    const lines = await history(orderId);
    expect(lines[0]).toBe("Order UUID of customer customer-1: FAILED, 1 attempt");
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^TIME {2}given up, started again 1 time by the reconciler; last error: SNS/),
      "to start it again: redrive --order UUID --yes",
      expect.stringMatching(/^TIME {2}in the failure queue deliveryFailures: given up after 1 attempt: SNS/),
    ]);
    expect((await operator.lines("orders --customer customer-1")).at(-1)).toMatch(
      / 1 order given up: redrive --order ID starts one again, redrive deliveryFailures all\.$/,
    );
    expect(await operator.lines("status")).toContain(
      "Given up: 1 order; redrive deliveryFailures starts them again",
    );
  });

  it("whose delivery never started shows the failure queue that it is in", async () => {
    const orderId = randomUUID();
    const workflow = breakService(StepFunctions, "StartExecution", orderId, { error: DENIED });
    await operator.place({ orderId });
    const failures = operator.target.outputs.deadLetterQueueUrls["deliveryStarts"] ?? "";
    await operator.passTime(async () => (await operator.queues.depth(failures)).visible > 0);
    workflow.mend();

    expect(await history(orderId)).toEqual([
      "Order UUID of customer customer-1: PENDING, 0 attempts",
      ...STORED,
      "not delivered yet",
      expect.stringMatching(
        /^TIME {2}in the failure queue deliveryStarts: deliveries not started: (RetryAttemptsExhausted|RecordAgeExceeded) after \d+ invocations/,
      ),
      "No execution is known: the record names none, and the log has none. It may lack events, so none need not mean that nothing ran.",
    ]);
  });

  it("that was rejected says why", async () => {
    const orderId = await operator.place({ total: 1 });
    await operator.until(orderId, "REJECTED");

    expect(await history(orderId)).toEqual([
      "Order UUID of customer customer-1: REJECTED",
      "TIME  accepted (request ID)",
      "stored as REJECTED",
      "total: is 1, but quantity x unitPrice of the items add up to 1530",
    ]);
  });

  it("that is still on the queue cannot be told from one that was never placed, and says so", async () => {
    const orderId = randomUUID();
    const table = breakService(DynamoDb, "PutItem", orderId, { error: DENIED });
    await operator.place({ orderId });
    await waitFor(() => table.count > 0);

    const { exitCode, stdout, stderr } = await operator.ops(`history ${orderId}`);
    expect([exitCode, stdout, stderr]).toEqual([
      4,
      "",
      "There is no order UUID: it is not stored, and no failure queue has it. The order queue holds 1 message to be stored: if it was accepted just now, look again.\n",
    ]);

    table.mend();
    operator.target.local?.clock.advance(60_001);
    await operator.until(orderId, "DELIVERED");
  });

  it("that could not be stored shows the dead-letter queue that it is in", async () => {
    const orderId = randomUUID();
    const table = breakService(DynamoDb, "PutItem", orderId, { error: DENIED });
    await operator.place({ orderId });
    await operator.untilDeadLettered(1);
    table.mend();

    expect(await history(orderId)).toEqual([
      "Order UUID: not stored",
      "TIME  in the failure queue orders: not stored: the order function or the table failed (received 11 times)",
    ]);
  });

  it("that nobody knows is an error of its own", async () => {
    const { exitCode, stdout, stderr } = await operator.ops(`history ${randomUUID()}`);
    expect([exitCode, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^There is no order UUID: it is not stored, and no failure queue has it\./);
  });

  it("that several customers have under one id tells each of them, or the one that is asked for", async () => {
    const orderId = await operator.deliver();
    const other = await Customer.of(operator.target, "customer-2");
    await other.post(anOrder({ orderId }));
    await waitFor(async () => (await other.get(`/orders/${orderId}`)).text.includes("DELIVERED"));

    const headlines = (await history(orderId)).filter((line) => line.startsWith("Order"));
    expect(headlines).toEqual([
      "Order UUID of customer customer-1: DELIVERED, 1 attempt",
      "Order UUID of customer customer-2: DELIVERED, 1 attempt",
    ]);
    expect(await history(orderId, " --customer customer-2")).toEqual([
      "Order UUID of customer customer-2: DELIVERED, 1 attempt",
      ...STORED,
      ...delivery(1),
      "TIME  delivered as message UUID",
    ]);
  });
});

describeLocal("personal data", () => {
  it.each(["", " --json"])("is left out unless it is asked for: history%s", async (format) => {
    const orderId = await operator.deliver();

    expect((await operator.ops(`history ${orderId}${format}`)).stdout).not.toContain("Ada Buyer");
    expect((await operator.ops(`history ${orderId}${format} --verbose`)).stdout).toContain("Ada Buyer");
  });

  it("is in the answer for programs with the whole history, when it is asked for", async () => {
    const orderId = await operator.deliver();
    const { stdout } = await operator.ops(`history ${orderId} --json --verbose`);
    expect(JSON.parse(stdout)).toMatchObject({
      histories: [
        {
          record: { status: "PLACED", delivery: { status: "DELIVERED" } },
          executions: [
            { status: "SUCCEEDED", states: [{ name: "PublishOrder" }, { name: "RecordDelivery" }] },
          ],
          log: { complete: true },
        },
      ],
    });
  });
});
