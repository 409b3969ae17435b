import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type Served } from "./support/endpoint";
import { host, type Messaging, policyOfQueue, queue, queueArn, redriveTo } from "./support/messaging";

let run: Messaging | undefined;

afterEach(async () => {
  await run?.stop();
  run = undefined;
});

function start(resources: Parameters<typeof host>[0], options?: Parameters<typeof host>[1]): Messaging {
  return (run = host(resources, options));
}

const QUEUES = [
  queue("dead"),
  queue("work", { visibilityTimeoutSeconds: 1, redrivePolicy: redriveTo("dead") }),
];

/** Receives without deleting, until the message has been received too often. */
async function exhaust({ receive, clock }: Messaging, queueName: string): Promise<void> {
  while ((await receive(queueName)).length > 0) clock.advance(1000);
}

describe("a message that was received too often", () => {
  it("goes to the dead-letter queue at the receive that would be one too many", async () => {
    const { send, receive, bodies, clock } = start(QUEUES);
    await send("work", "x");
    for (const receives of ["1", "2"]) {
      expect((await receive("work"))[0]?.Attributes["ApproximateReceiveCount"]).toBe(receives);
      clock.advance(1000);
      expect(await bodies("dead")).toEqual([]);
    }
    expect(await receive("work")).toEqual([]);
    expect(await bodies("dead")).toEqual(["x"]);
  });

  it("keeps its id, its attributes and its enqueue time, and tells where it came from", async () => {
    const messaging = start(QUEUES);
    const MessageAttributes = { kind: { DataType: "String", StringValue: "a" } };
    const { MessageId } = await messaging.send("work", "x", { MessageAttributes });
    const [first] = await messaging.receive("work");
    messaging.clock.advance(1000);
    await exhaust(messaging, "work");
    const [dead] = await messaging.receive("dead");
    expect(dead).toMatchObject({ MessageId, MessageAttributes });
    expect(dead?.Attributes).toMatchObject({
      DeadLetterQueueSourceArn: queueArn("work"),
      SentTimestamp: first?.Attributes["SentTimestamp"],
    });
  });

  it("expires by its first enqueue time", async () => {
    const messaging = start([queue("dead", { messageRetentionSeconds: 120 }), ...QUEUES.slice(1)]);
    await messaging.send("work", "x");
    messaging.clock.advance(100_000);
    await exhaust(messaging, "work");
    messaging.clock.advance(20_000);
    expect(await messaging.bodies("dead")).toEqual([]);
  });

  it("leaves room for others in the same receive", async () => {
    const { send, bodies, clock } = start(QUEUES);
    await send("work", "poison");
    for (let receives = 1; receives <= 2; receives++) {
      await bodies("work");
      clock.advance(1000);
    }
    await send("work", "good");
    expect(await bodies("work")).toEqual(["good"]);
  });

  it("wakes a receiver that waits at the dead-letter queue", async () => {
    const messaging = start(QUEUES);
    const waiting = messaging.receive("dead", { WaitTimeSeconds: 20 });
    await messaging.send("work", "x");
    await exhaust(messaging, "work");
    expect(await waiting).toHaveLength(1);
  });

  it("does not go on at once where the dead-letter queue has one of its own", async () => {
    const messaging = start([
      queue("last"),
      queue("dead", { visibilityTimeoutSeconds: 1, redrivePolicy: redriveTo("last", 1) }),
      ...QUEUES.slice(1),
    ]);
    await messaging.send("work", "x");
    await exhaust(messaging, "work");
    expect(await messaging.bodies("dead")).toEqual(["x"]);
    messaging.clock.advance(1000);
    expect(await messaging.bodies("dead")).toEqual([]);
    expect(await messaging.bodies("last")).toEqual(["x"]);
  });
});

describe("a redrive policy", () => {
  const redrive = { deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 1 };

  it("may be a resource of its own", async () => {
    const messaging = start([queue("dead"), queue("work"), policyOfQueue("redrivePolicy", "work", redrive)]);
    await messaging.send("work", "x");
    await messaging.receive("work", { VisibilityTimeout: 0 });
    messaging.clock.advance(1);
    expect(await messaging.receive("work")).toEqual([]);
    expect(await messaging.bodies("dead")).toEqual(["x"]);
  });

  it("must lead to a queue of the program", () => {
    expect(() => start([queue("work", { redrivePolicy: redriveTo("dead") })])).toThrow(
      'queue "work": Value arn:aws:sqs:eu-central-1:123456789012:dead for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.',
    );
  });

  it.each([
    { redrivePermission: "denyAll" },
    { redrivePermission: "byQueue", sourceQueueArns: [queueArn("another")] },
  ])("is refused where the dead-letter queue says %j", (allowed) => {
    const resources = [...QUEUES, policyOfQueue("redriveAllowPolicy", "dead", allowed)];
    expect(() => start(resources)).toThrow("redrive allow policy refuses it");
  });

  it("is taken where the dead-letter queue names the queue", async () => {
    const allowed = { redrivePermission: "byQueue", sourceQueueArns: [queueArn("work")] };
    const messaging = start([...QUEUES, policyOfQueue("redriveAllowPolicy", "dead", allowed)]);
    await messaging.send("work", "x");
    await exhaust(messaging, "work");
    expect(await messaging.bodies("dead")).toEqual(["x"]);
  });
});

describe("a message move task", () => {
  let served: Served;
  let client: SQSClient;
  const SourceArn = queueArn("dead");

  afterEach(async () => {
    client.destroy();
    await served.close();
  });

  async function startWithDeadMessages(
    count: number,
    options?: Parameters<typeof host>[1],
  ): Promise<Messaging> {
    const messaging = start([...QUEUES, queue("other")], options);
    served = await serve({ sqs: messaging.sqs });
    client = new SQSClient(served.client);
    for (let i = 0; i < count; i++) await messaging.send("work", `m${i}`);
    await exhaust(messaging, "work");
    return messaging;
  }

  const move = (more: object = {}) => client.send(new StartMessageMoveTaskCommand({ SourceArn, ...more }));
  const latest = async () =>
    (await client.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0] ?? {};

  async function untilStatus(status: string): Promise<object> {
    for (;;) {
      const task = await latest();
      if (task.Status === status) return task;
      run?.clock.advance(100);
    }
  }

  it("brings messages back to the queues they came from, as new messages", async () => {
    const messaging = await startWithDeadMessages(2);
    const [dead] = await messaging.receive("dead", { VisibilityTimeout: 0, MaxNumberOfMessages: 1 });
    messaging.clock.advance(1);
    await move();
    expect(await untilStatus("COMPLETED")).toMatchObject({
      SourceArn,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
    });
    const back = await messaging.receive("work");
    expect(back.map(({ Body }) => Body).sort()).toEqual(["m0", "m1"]);
    for (const message of back) {
      expect(message.MessageId).not.toBe(dead?.MessageId);
      expect(message.Attributes["ApproximateReceiveCount"]).toBe("1");
      expect(message.Attributes["DeadLetterQueueSourceArn"]).toBeUndefined();
    }
  });

  it("brings messages to another queue when told so", async () => {
    const messaging = await startWithDeadMessages(1);
    await move({ DestinationArn: queueArn("other") });
    await untilStatus("COMPLETED");
    expect(await messaging.bodies("other")).toEqual(["m0"]);
  });

  it("keeps to the rate that it was given, and can be cancelled", async () => {
    await startWithDeadMessages(10);
    const { TaskHandle } = await move({ MaxNumberOfMessagesPerSecond: 1 });
    expect(await latest()).toMatchObject({ Status: "RUNNING", TaskHandle, MaxNumberOfMessagesPerSecond: 1 });
    while ((await latest()).ApproximateNumberOfMessagesMoved === 0) await new Promise(setImmediate);
    run?.clock.advance(1000);
    expect((await latest()).ApproximateNumberOfMessagesMoved).toBe(2);
    const cancelled = await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    run?.clock.advance(10_000);
    expect(await latest()).toMatchObject({ Status: "CANCELLED", ApproximateNumberOfMessagesMoved: 2 });
  });

  it("fails at a message that was never in another queue", async () => {
    const messaging = await startWithDeadMessages(0);
    await messaging.send("dead", "stray");
    await move();
    expect(await untilStatus("FAILED")).toMatchObject({ FailureReason: "CouldNotDetermineMessageSource" });
    expect(await messaging.bodies("dead")).toEqual(["stray"]);
  });

  it("goes on after the run was killed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sqs-test-"));
    try {
      const killed = await startWithDeadMessages(3, { folder });
      await move({ MaxNumberOfMessagesPerSecond: 1 });
      await killed.stop();
      await served.close();
      client.destroy();
      const messaging = start([...QUEUES, queue("other")], { folder });
      // The clock starts again at the true time; the killed run's was ahead of it.
      messaging.clock.advance(10_000);
      served = await serve({ sqs: messaging.sqs });
      client = new SQSClient(served.client);
      expect(await untilStatus("COMPLETED")).toMatchObject({ ApproximateNumberOfMessagesMoved: 3 });
      expect(await messaging.bodies("work")).toHaveLength(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("serves dead-letter queues only", async () => {
    await startWithDeadMessages(0);
    await expect(move({ SourceArn: queueArn("other") })).rejects.toThrow(
      "Source queue must be configured as a Dead Letter Queue.",
    );
  });

  it("runs once at a time for a queue", async () => {
    await startWithDeadMessages(2);
    await move({ MaxNumberOfMessagesPerSecond: 1 });
    await expect(move()).rejects.toThrow("There is already a task running.");
  });

  it.each([
    [{ SourceArn: queueArn("none") }, "ResourceNotFoundException"],
    [{ DestinationArn: queueArn("none") }, "ResourceNotFoundException"],
    [{ MaxNumberOfMessagesPerSecond: 501 }, "InvalidParameterValue"],
  ])("is refused with %j", async (input, name) => {
    await startWithDeadMessages(0);
    await expect(move(input)).rejects.toMatchObject({ name });
  });

  it.each(["nonsense", Buffer.from("{}").toString("base64")])("has no handle %j", async (TaskHandle) => {
    await startWithDeadMessages(0);
    await expect(client.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toThrow(
      "Value for parameter TaskHandle is invalid.",
    );
  });
});
