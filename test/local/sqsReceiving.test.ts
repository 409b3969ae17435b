import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { serve, type Served } from "./support/endpoint";
import { host, type Messaging, queue, queueUrl } from "./support/messaging";

let run: Messaging;
let served: Served;
let client: SQSClient;
const QueueUrl = queueUrl("work");

beforeEach(async () => {
  run = host([
    queue("work", { visibilityTimeoutSeconds: 30 }),
    queue("other"),
    queue("slow", { delaySeconds: 60 }),
  ]);
  served = await serve({ sqs: run.sqs });
  client = new SQSClient(served.client);
});

afterEach(async () => {
  client.destroy();
  await run.stop();
  await served.close();
  expect(served.faults).toEqual([]);
});

const send = (MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

async function receive(more: object = {}): Promise<Message[]> {
  const input = { QueueUrl, MaxNumberOfMessages: 10, ...more };
  return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

async function receiveOne(more: object = {}): Promise<Message> {
  const [message] = await receive(more);
  if (!message) throw new Error("No message was there.");
  return message;
}

/** Resolves once so many receivers wait: a message that is then sent finds them. */
async function untilWaiting(receivers: Promise<unknown>[]): Promise<void> {
  const wait = jest.spyOn(run.clock, "after");
  while (wait.mock.calls.filter(([ms]) => ms > 15_000).length < receivers.length)
    await new Promise((resolve) => setImmediate(resolve));
  wait.mockRestore();
}

describe("a message", () => {
  it("arrives with its text, its attributes and the digests by which the SDK checks both", async () => {
    const MessageAttributes = {
      text: { DataType: "String", StringValue: "naïve ☃" },
      count: { DataType: "Number.int", StringValue: "12" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) },
    };
    const sent = await send("line 1\r\nline 2 ☃", { MessageAttributes });
    const received = await receiveOne({ MessageAttributeNames: ["All"] });
    expect(received).toMatchObject({
      MessageId: sent.MessageId,
      Body: "line 1\r\nline 2 ☃",
      MessageAttributes,
    });
    expect(received.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  });

  it("has the digest of attributes that AWS computes", async () => {
    // Recorded from AWS, in the tests of a public emulator.
    const MessageAttributes = { attr1: { DataType: "Number", StringValue: "99.12" } };
    const sent = await send("x", { MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe("d302007e9aa062660afc85fd0a482472");
  });

  it("tells the receiver only the attributes that it asks for, by name or prefix", async () => {
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    await send("x", {
      MessageAttributes: { "order.id": text("1"), "order.kind": text("2"), other: text("3") },
    });
    const names = async (MessageAttributeNames: string[]) =>
      Object.keys(
        (await receiveOne({ MessageAttributeNames, VisibilityTimeout: 0 })).MessageAttributes ?? {},
      );
    const ask = async (asked: string[]) => {
      const found = await names(asked);
      run.clock.advance(1);
      return found;
    };
    expect(await ask([])).toEqual([]);
    expect(await ask(["nothing"])).toEqual([]);
    expect(await ask(["other"])).toEqual(["other"]);
    expect(await ask(["order.*"])).toEqual(["order.id", "order.kind"]);
  });

  it("carries system attributes: who sent it, when, how often it was received and its trace", async () => {
    const before = run.clock.now();
    const AWSTraceHeader = { DataType: "String", StringValue: "Root=1-5e3d83c1-e6a0db584850d61342823d4c" };
    await send("x", { MessageSystemAttributes: { AWSTraceHeader } });
    await receiveOne();
    run.clock.advance(30_000);
    const { Attributes } = await receiveOne({ MessageSystemAttributeNames: ["All"] });
    expect(Attributes).toEqual({
      ApproximateFirstReceiveTimestamp: expect.any(String) as string,
      ApproximateReceiveCount: "2",
      AWSTraceHeader: AWSTraceHeader.StringValue,
      SenderId: "123456789012",
      SentTimestamp: expect.any(String) as string,
    });
    expect(Number(Attributes?.["SentTimestamp"])).toBeGreaterThanOrEqual(before);
    expect(Number(Attributes?.["ApproximateFirstReceiveTimestamp"])).toBeLessThan(run.clock.now() - 29_000);
  });

  it("is gone once the queue's retention period is over", async () => {
    await send("old");
    run.clock.advance(345_599_000);
    await send("new");
    run.clock.advance(2_000);
    expect((await receive()).map(({ Body }) => Body)).toEqual(["new"]);
  });
});

describe("the visibility timeout", () => {
  it("hides a received message until it has passed", async () => {
    await send("x");
    await receiveOne();
    run.clock.advance(29_000);
    expect(await receive()).toEqual([]);
    run.clock.advance(1_000);
    expect(await receive()).toHaveLength(1);
  });

  it("can be set by the receiver", async () => {
    await send("x");
    await receiveOne({ VisibilityTimeout: 5 });
    run.clock.advance(5_000);
    expect(await receive()).toHaveLength(1);
  });

  it("can be prolonged and ended for a message in flight", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    const change = (VisibilityTimeout: number) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await change(100);
    run.clock.advance(99_000);
    expect(await receive()).toEqual([]);
    await change(0);
    expect(await receive()).toHaveLength(1);
  });

  it("ends twelve hours after the receive at the latest", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    run.clock.advance(2_000);
    const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 43_199 });
    await expect(client.send(change)).rejects.toThrow("beyond the limit [43200 seconds]");
  });

  it("cannot be changed once it has passed, nor after the message is gone", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 5 });
    run.clock.advance(30_000);
    await expect(client.send(change)).rejects.toMatchObject({ name: "MessageNotInflight" });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await expect(client.send(change)).rejects.toThrow("Message does not exist");
  });
});

describe("deleting", () => {
  const remove = (ReceiptHandle: string | undefined, url = QueueUrl) =>
    client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));

  it("works after the visibility timeout when nobody else has received the message", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    run.clock.advance(60_000);
    await remove(ReceiptHandle);
    expect(await receive()).toEqual([]);
  });

  it("succeeds with an older receive's handle, and leaves the message", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    run.clock.advance(30_000);
    await receiveOne();
    await remove(ReceiptHandle);
    run.clock.advance(30_000);
    expect(await receive()).toHaveLength(1);
  });

  it("refuses what is no handle, and another queue's handle", async () => {
    await send("x");
    const { ReceiptHandle } = await receiveOne();
    await expect(remove("nonsense")).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
    await expect(remove(ReceiptHandle, queueUrl("other"))).rejects.toMatchObject({
      name: "ReceiptHandleIsInvalid",
    });
  });
});

describe("a delay", () => {
  it("of the queue holds a message back", async () => {
    await send("x", { QueueUrl: queueUrl("slow") });
    expect(await receive({ QueueUrl: queueUrl("slow") })).toEqual([]);
    run.clock.advance(60_000);
    expect(await receive({ QueueUrl: queueUrl("slow") })).toHaveLength(1);
  });

  it("of the message takes the place of the queue's", async () => {
    await send("now", { QueueUrl: queueUrl("slow"), DelaySeconds: 0 });
    expect(await receive({ QueueUrl: queueUrl("slow") })).toHaveLength(1);
  });
});

describe("long polling", () => {
  it("answers as soon as a message arrives", async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await untilWaiting([waiting]);
    await send("x");
    expect(await waiting).toHaveLength(1);
  });

  it("answers nothing when the wait is over", async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await untilWaiting([waiting]);
    run.clock.advance(20_000);
    expect(await waiting).toEqual([]);
  });

  it("wakes one receiver for one message", async () => {
    const waiting = [receive({ WaitTimeSeconds: 20 }), receive({ WaitTimeSeconds: 20 })];
    await untilWaiting(waiting);
    await send("x");
    expect(await Promise.race(waiting)).toHaveLength(1);
    run.clock.advance(20_000);
    expect((await Promise.all(waiting)).flat()).toHaveLength(1);
  });

  it("answers when a hidden message becomes visible", async () => {
    await send("x");
    await receiveOne({ VisibilityTimeout: 10 });
    const waiting = receive({ WaitTimeSeconds: 20 });
    await untilWaiting([waiting]);
    run.clock.advance(10_000);
    expect(await waiting).toHaveLength(1);
  });

  it("answers when a delayed message that came during the wait is due", async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await untilWaiting([waiting]);
    await send("x", { DelaySeconds: 5 });
    run.clock.advance(5_000);
    expect(await waiting).toHaveLength(1);
  });

  it.each(["before the message comes", "at the very moment the message comes"])(
    "takes no message for a client that leaves %s",
    async (moment) => {
      const gone = new AbortController();
      const input = { QueueUrl, WaitTimeSeconds: 20 };
      const left = run.sqs.call("ReceiveMessage", input, ADMINISTRATOR, gone.signal);
      const stayed = run.sqs.call("ReceiveMessage", input, ADMINISTRATOR);
      if (moment.startsWith("before")) gone.abort();
      const sent = run.send("work", "x");
      gone.abort();
      await sent;
      expect(await left).toEqual({});
      expect((await stayed)["Messages"]).toHaveLength(1);
    },
  );
});

it("refuses to receive while 120,000 messages are in flight", async () => {
  run.store.db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
    INSERT INTO sqs_messages (queue, message_id, body, md5_of_body, sender_id, sent_at, visible_at, receives)
    SELECT 'work', 'id' || i, 'x', '9dd4e461268c8034f5c8564e155c67a6', 'x', ${run.clock.now()}, ${run.clock.now() + 30_000}, 1 FROM n`);
  await send("one more");
  await expect(receive()).rejects.toMatchObject({ name: "OverLimit" });
  run.clock.advance(30_000);
  expect(await receive()).toHaveLength(10);
});

it.each([
  ["MaxNumberOfMessages", 0],
  ["MaxNumberOfMessages", 11],
  ["WaitTimeSeconds", 21],
  ["VisibilityTimeout", 43_201],
  ["VisibilityTimeout", -1],
])("refuses to receive with %s %d", async (name, value) => {
  await expect(receive({ [name]: value })).rejects.toMatchObject({ Code: "InvalidParameterValue" });
});

it("refuses a system attribute that there is not", async () => {
  await expect(receive({ MessageSystemAttributeNames: ["Colour"] })).rejects.toMatchObject({
    name: "InvalidAttributeName",
    message: "Unknown Attribute Colour.",
  });
});
