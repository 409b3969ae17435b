import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { Sqs } from "../../local/sqs/sqs";
import type { FailedMessage } from "../../ops/failures/failedMessage";
import { ON_LOCAL_RUN } from "../orderFlow/target";
import { anOrder, PLACED_AT } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { breakService } from "./support/faults";
import {
  deadLettered,
  deadLetters,
  failedDelivery,
  failedRuns,
  givenUp,
  TRACE,
  undelivered,
  unstarted,
  unstored,
} from "./support/failures";
import { Operator } from "./support/operator";
import { describeDeliveries } from "./redriveDeliveries.suite";
import { documentedActions } from "./support/policies";

const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

const FAILURES = "QUEUE  ORDER  AGE  REASON";
const PLAN = "FROM  ORDER  WHAT  REASON";
const NOTHING = [expect.stringMatching(/^0 messages in \d+ failure queues\.$/)];

let operator: Operator;

beforeAll(async () => {
  if (ON_LOCAL_RUN) operator = await Operator.start();
});

afterEach(async () => {
  if (!ON_LOCAL_RUN) return;
  jest.restoreAllMocks();
  for (const url of Object.values(operator.target.outputs.deadLetterQueueUrls))
    await operator.queues.drain(url);
});

afterAll(async () => {
  if (ON_LOCAL_RUN) await operator.stop();
});

function audited(): { action: string; queue?: string; orderIds: string[]; who: object; stack: string }[] {
  const text = readFileSync(join(operator.folder, ".local", "redrive.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as never);
}

describeLocal("failures", () => {
  it("says that there are none", async () => {
    expect(await operator.lines("failures")).toEqual(NOTHING);
  });

  it("tells of each message the order and the reason, and takes none away", async () => {
    await unstored(operator, 1);
    await undelivered(operator, "accounting");
    await operator.queues.client.send(
      new SendMessageCommand({ QueueUrl: deadLetters(operator, "orders"), MessageBody: "not JSON" }),
    );

    const expected = [
      FAILURES,
      "accounting  UUID  AGE  SNS could not bring it to the queue of accounting",
      "orders  UUID  AGE  not stored: the order function or the table failed",
      "orders  (unknown)  AGE  no order: No customerId attribute. (no attempt can store it)",
    ];
    for (const _reading of ["first", "second"]) {
      const lines = await operator.lines("failures");
      expect(lines.pop()).toMatch(/^3 messages in \d+ failure queues\.$/);
      expect(lines.sort()).toEqual([...expected].sort());
    }
  });

  it("tells which orders a failed batch of the stream is about", async () => {
    await unstarted(operator);
    expect(await operator.lines("failures deliveryStarts")).toEqual([
      FAILURES,
      expect.stringMatching(/^deliveryStarts {2}UUID {2}AGE {2}deliveries not started: /),
      "1 message in 1 failure queue.",
    ]);
  });

  it("tells which order was given up, after how many attempts and with which error", async () => {
    await givenUp(operator);
    expect(await operator.lines("failures deliveryFailures")).toEqual([
      FAILURES,
      expect.stringMatching(
        /^deliveryFailures {2}UUID {2}AGE {2}given up after 1 attempt: SNS\.AmazonSNSException/,
      ),
      "1 message in 1 failure queue.",
    ]);
  });

  it("tells why runs of the reconciler failed or could not begin, and that nothing is left to do", async () => {
    await failedRuns(operator);
    const { stdout } = await operator.ops("failures --json");
    const { queues } = JSON.parse(stdout) as { queues: { messages: FailedMessage[] }[] };
    const nothingLeft = {
      kind: "failedRun",
      orders: [],
      obstacle: "the next run does its work",
      settled: true,
    };
    expect(queues.flatMap(({ messages }) => messages)).toMatchObject([
      {
        ...nothingLeft,
        queue: "reconciliationSchedule",
        reason: "a run could not begin: AWS.Scheduler.InternalServerError: Lambda does not answer.",
      },
      {
        ...nothingLeft,
        queue: "reconciliations",
        reason:
          "a run failed: RetriesExhausted after 3 invocations: TimeoutError: The table does not answer.",
      },
    ]);
  });

  it("tells another order under a taken id from one that is stored by now", async () => {
    const orderId = await operator.deliver();
    for (const paymentReference of ["pi_3OeXyz", "another"])
      await operator.queues.client.send(
        new SendMessageCommand({
          QueueUrl: deadLetters(operator, "orders"),
          MessageBody: JSON.stringify(anOrder({ orderId, paymentReference })),
          MessageAttributes: { customerId: { DataType: "String", StringValue: "customer-1" } },
        }),
      );
    expect(await operator.lines("failures orders")).toEqual([
      FAILURES,
      "orders  UUID  AGE  stored in the meantime: sent again, it changes nothing",
      expect.stringMatching(
        /^orders {2}UUID {2}AGE {2}conflict: the customer placed another order under this id/,
      ),
      "2 messages in 1 failure queue.",
    ]);
  });
});

describeLocal("redrive", () => {
  it("does nothing unless it is told to", async () => {
    const [orderId = ""] = await unstored(operator, 1);
    expect(await operator.lines("redrive orders")).toEqual([
      PLAN,
      "orders  UUID  send again  not stored: the order function or the table failed",
      "SQS moves the whole queue orders by itself (StartMessageMoveTask).",
      "Dry run: nothing was done. --yes does 1 step.",
    ]);
    expect((await operator.queues.depth(deadLetters(operator, "orders"))).visible).toBe(1);
    expect((await operator.ops(`history ${orderId}`)).stdout).toContain("not stored");
  });

  it("lets SQS move a whole dead-letter queue, after which its orders are delivered", async () => {
    const ids = await unstored(operator, 3);
    const lines = await operator.lines("redrive orders --yes");
    expect(lines.at(-1)).toBe("3 of 3 steps done.");
    for (const id of ids) await operator.until(id, "DELIVERED");
    expect(await operator.lines("redrive orders --yes")).toEqual(["There is nothing to redrive."]);
    expect(audited().slice(-3)).toMatchObject(
      ids.map(() => ({
        action: "moved",
        queue: "orders",
        stack: "the local run",
        who: { accessKeyId: "operator" },
      })),
    );
    expect(
      audited()
        .slice(-3)
        .flatMap(({ orderIds }) => orderIds)
        .sort(),
    ).toEqual([...ids].sort());
  });

  it("cancels the move on Ctrl-C, and a second run finishes it", async () => {
    const ids = await unstored(operator, 3);
    const ctrlC = new AbortController();
    const moved = jest.spyOn(Sqs.prototype, "call");
    const running = operator.ops("redrive orders --yes --rate 1", ctrlC.signal);
    await waitFor(() => moved.mock.calls.some(([action]) => action === "StartMessageMoveTask"));
    ctrlC.abort();
    expect((await running).exitCode).toBe(130);
    moved.mockRestore();

    await operator.lines("redrive orders --yes");
    for (const id of ids) await operator.until(id, "DELIVERED");
  });

  it("says that there is no such order", async () => {
    const { exitCode, stderr } = await operator.ops(`redrive --order ${randomUUID()} --yes`);
    expect([exitCode, stderr]).toEqual([
      4,
      "There is no order UUID: it is not stored, and no failure queue has it.\n",
    ]);
  });

  it("does nothing that it cannot log", async () => {
    await deadLettered(operator, 1);
    const { exitCode, stderr } = await operator.ops(
      "redrive --reason not_stored --yes --audit /dev/null/audit",
    );
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("The audit log cannot be written")]);
    expect((await operator.queues.depth(deadLetters(operator, "orders"))).visible).toBe(1);
  });

  it("sends one order's message again with all its attributes, and leaves the others", async () => {
    const [first = "", second = ""] = await deadLettered(operator, 2);
    expect((await operator.lines(`redrive --order ${first} --yes`)).at(-1)).toBe("1 of 1 step done.");
    await operator.until(first, "DELIVERED");
    expect(await operator.record(first)).toMatchObject({
      placedAt: PLACED_AT,
      requestId: "request-1",
      traceHeader: TRACE,
    });
    expect(await operator.lines("failures orders")).toHaveLength(3);
    expect((await operator.ops(`history ${second}`)).stdout).toContain("not stored");
  });

  it("sends an event to the one downstream queue that missed it", async () => {
    await undelivered(operator, "accounting");
    const { downstreamQueueUrls } = operator.target.outputs;
    for (const url of Object.values(downstreamQueueUrls)) await operator.queues.drain(url);

    expect(await operator.lines("redrive accounting --yes")).toEqual([
      PLAN,
      "accounting  UUID  send again  SNS could not bring it to the queue of accounting",
      "1 of 1 step done.",
    ]);
    const messages = await operator.queues.drain(downstreamQueueUrls["accounting"] ?? "");
    expect(messages.map(({ MessageAttributes = {} }) => Object.keys(MessageAttributes).sort())).toEqual([
      ["channel", "country", "eventType"],
    ]);
    expect((await operator.queues.depth(downstreamQueueUrls["fulfillment"] ?? "")).visible).toBe(0);
  });

  it("finds messages and deliveries by their reason", async () => {
    const orderId = await failedDelivery(operator);
    await undelivered(operator, "inventory");
    const lines = await operator.lines("redrive --reason sns");
    expect(lines).toHaveLength(4);
    expect((await operator.lines("redrive --reason amazonsnsexception --yes")).at(-1)).toBe(
      "1 of 1 step done.",
    );
    await operator.until(orderId, "DELIVERED", 2);
  });

  it("starts the deliveries of a failed batch of the stream", async () => {
    const orderId = await unstarted(operator);
    expect((await operator.lines("redrive deliveryStarts --yes")).at(-1)).toBe("1 of 1 step done.");
    await operator.until(orderId, "DELIVERED", 1);
    expect(await operator.lines("failures")).toEqual(NOTHING);
  });

  it("says where the orders are once the stream has forgotten them", async () => {
    const orderId = await unstarted(operator);
    operator.target.local?.clock.advance(25 * 3_600_000);
    expect(await operator.lines("redrive deliveryStarts --yes")).toEqual([
      PLAN,
      expect.stringMatching(
        /left: its \d+ orders? (is|are) no longer in the stream \(24 hours\): see orders --undelivered/,
      ),
      "Nothing can be redriven; --force sends even what makes no sense to send.",
    ]);
    expect((await operator.lines("redrive deliveryStarts --yes --force")).at(-1)).toBe("1 of 1 step done.");
    expect((await operator.lines(`redrive --order ${orderId} --yes`)).at(-1)).toBe("1 of 1 step done.");
    await operator.until(orderId, "DELIVERED", 1);
  });

  it("publishes a delivered order again when it is forced, for an event that SNS has lost", async () => {
    const orderId = await operator.place();
    await operator.until(orderId, "DELIVERED", 1);
    expect((await operator.lines(`redrive --order ${orderId} --yes`)).at(-1)).toBe(
      "There is nothing to redrive: the order is DELIVERED.",
    );
    expect((await operator.lines(`redrive --order ${orderId} --yes --force`)).at(-1)).toBe(
      "1 of 1 step done.",
    );
    await operator.until(orderId, "DELIVERED", 2);
  });

  it("leaves what can never be stored, unless it is forced", async () => {
    await operator.queues.client.send(
      new SendMessageCommand({ QueueUrl: deadLetters(operator, "orders"), MessageBody: "not JSON" }),
    );
    expect(await operator.lines("redrive orders --yes")).toEqual([
      PLAN,
      "orders  (unknown)  left: no attempt can store it  no order: No customerId attribute.",
      "Nothing can be redriven; --force sends even what makes no sense to send.",
    ]);
    expect((await operator.queues.depth(deadLetters(operator, "orders"))).visible).toBe(1);
  });

  it("loses nothing when sending fails, and a second run finishes", async () => {
    const [orderId = ""] = await deadLettered(operator, 1);
    const queue = breakService(Sqs, "SendMessage", orderId);
    const { exitCode, stdout } = await operator.ops(`redrive --order ${orderId} --yes`);
    expect([exitCode, stdout.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      "0 of 1 step done, 1 failed: run the command again to finish.",
    ]);
    expect((await operator.queues.depth(deadLetters(operator, "orders"))).visible).toBe(1);
    queue.mend();

    await operator.lines(`redrive --order ${orderId} --yes`);
    await operator.until(orderId, "DELIVERED");
    expect(audited().slice(-2)).toMatchObject([
      { action: "failed" },
      { action: "sent", orderIds: [orderId] },
    ]);
  });

  it("is ended by Ctrl-C between two messages, and finished by a second run", async () => {
    const ids = await deadLettered(operator, 3);
    const ctrlC = new AbortController();
    const sent = jest.spyOn(Sqs.prototype, "call");
    const running = operator.ops("redrive --reason not_stored --yes --rate 2", ctrlC.signal);
    await waitFor(() => sent.mock.calls.some(([action]) => action === "DeleteMessage"), {
      timeoutMs: 15_000,
    });
    ctrlC.abort();
    const { exitCode, stdout, stderr } = await running;
    sent.mockRestore();

    expect(exitCode).toBe(130);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 of 3 steps done, then interrupted.");
    expect(stderr).toBe(
      "Interrupted. What was not done stays where it is: run the command again to finish.\n",
    );
    expect((await operator.lines("redrive orders --yes")).at(-1)).toBe("2 of 2 steps done.");
    for (const id of ids) await operator.until(id, "DELIVERED");
  });
});

describeLocal("redrive of deliveries", () => describeDeliveries(() => operator));

describeLocal("the policy of an operator who redrives", () => {
  it("allows what the command needs besides looking, and nothing else", () => {
    const { look, redrive } = documentedActions();
    expect([...operator.called].filter((action) => !look.includes(action)).sort()).toEqual(redrive);
  });
});
