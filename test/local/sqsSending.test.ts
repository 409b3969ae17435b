import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { serve, type Served } from "./support/endpoint";
import { host, type Messaging, queue, queueUrl } from "./support/messaging";

let run: Messaging;
let served: Served;
let client: SQSClient;
const QueueUrl = queueUrl("work");

beforeAll(async () => {
  run = host([queue("work", { maxMessageSize: 2048 }), queue("large", { maxMessageSize: 1_048_576 })]);
  served = await serve({ sqs: run.sqs });
  client = new SQSClient(served.client);
});

afterAll(async () => {
  client.destroy();
  await run.stop();
  await served.close();
  expect(served.faults).toEqual([]);
});

const send = (input: Partial<SendMessageCommandInput>) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody: "x", ...input }));
const text = (StringValue: string) => ({ DataType: "String", StringValue });

async function drain(): Promise<string[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `m${index}`, ReceiptHandle }));
  if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body = "" }) => Body);
}

describe("a message is refused", () => {
  afterEach(async () => expect(await drain()).toEqual([]));

  it.each([
    ["an empty body", "", "MissingParameter"],
    ["a NUL", "a\u0000b", "InvalidMessageContents"],
    ["an escape character", "\u001b", "InvalidMessageContents"],
    ["U+FFFE", "\ufffe", "InvalidMessageContents"],
    ["U+FFFF", "\uffff", "InvalidMessageContents"],
    ["more bytes than the queue takes", "é".repeat(1025), "InvalidParameterValue"],
  ])("with %s", async (_what, MessageBody, Code) => {
    await expect(send({ MessageBody })).rejects.toMatchObject({ Code });
  });

  it("with half of a surrogate pair", async () => {
    const sent = run.sqs.call("SendMessage", { QueueUrl, MessageBody: "\ud800" }, ADMINISTRATOR);
    await expect(sent).rejects.toMatchObject({ code: "InvalidMessageContents" });
  });

  it.each([
    ["without a value", { a: { DataType: "String", StringValue: "" } }, "non-empty message attribute value"],
    ["without a type", { a: { DataType: "", StringValue: "x" } }, "non-empty message attribute type"],
    ["of an unknown type", { a: { DataType: "Text", StringValue: "x" } }, "invalid message attribute type"],
    ["with a number that is none", { a: { DataType: "Number", StringValue: "1,5" } }, "to a number"],
    ["with a binary value as text", { a: { DataType: "Binary", StringValue: "x" } }, "non-empty"],
    ["with a name that AWS keeps", { "AWS.a": text("x") }, "name 'AWS.a' is invalid"],
    ["with a name of two dots", { "a..b": text("x") }, "name 'a..b' is invalid"],
    ["with a name of other characters", { "a b": text("x") }, "name 'a b' is invalid"],
  ])("with an attribute %s", async (_what, MessageAttributes, message) => {
    await expect(send({ MessageAttributes })).rejects.toThrow(message);
  });

  it("with a forbidden character in an attribute", async () => {
    await expect(send({ MessageAttributes: { a: text("\u0001") } })).rejects.toMatchObject({
      name: "InvalidMessageContents",
    });
  });

  it("with eleven attributes", async () => {
    const MessageAttributes = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text("x")]));
    await expect(send({ MessageAttributes })).rejects.toThrow("Number of message attributes [11]");
  });

  it("when the body and its attributes together are too large", async () => {
    const MessageBody = "x".repeat(2048 - "name".length - "String".length - 10);
    const name = text("x".repeat(11));
    await expect(send({ MessageBody, MessageAttributes: { name } })).rejects.toThrow(
      "Message must be shorter than 2048 bytes.",
    );
  });

  it.each([901, -1])("with a delay of %d seconds", async (DelaySeconds) => {
    await expect(send({ DelaySeconds })).rejects.toMatchObject({ Code: "InvalidParameterValue" });
  });

  it("with a message group: the queue is no FIFO queue", async () => {
    await expect(send({ MessageGroupId: "g" })).rejects.toThrow("not valid for this queue type");
  });

  it("with a system attribute other than the trace header", async () => {
    const attributes = { Other: text("x") } as SendMessageCommandInput["MessageSystemAttributes"];
    await expect(send({ MessageSystemAttributes: attributes })).rejects.toThrow("only AWSTraceHeader");
  });

  it.each([
    { MessageBody: 1 },
    { MessageBody: "x", DelaySeconds: "1" },
    { MessageBody: "x", MessageAttributes: [] },
  ])("with a member of another type: %j", async (members) => {
    const sent = run.sqs.call("SendMessage", { QueueUrl, ...members }, ADMINISTRATOR);
    await expect(sent).rejects.toMatchObject({ code: "SerializationException" });
  });

  it.each([queueUrl("none"), "http://127.0.0.1:4000/999999999999/work"])("for the queue %s", async (url) => {
    await expect(send({ QueueUrl: url })).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      Code: "AWS.SimpleQueueService.NonExistentQueue",
    });
  });

  it("for what is no queue URL", async () => {
    await expect(send({ QueueUrl: "work" })).rejects.toMatchObject({ name: "InvalidAddress" });
  });
});

it("takes a message of exactly the largest size", async () => {
  await send({ MessageBody: "é".repeat(1024) });
  expect(await drain()).toEqual(["é".repeat(1024)]);
});

describe("a batch", () => {
  const sendBatch = (Entries: SendMessageBatchRequestEntry[], url = QueueUrl) =>
    client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  const entries = (count: number, MessageBody = "x") =>
    Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, MessageBody }));

  it("sends up to ten messages", async () => {
    const { Successful } = await sendBatch(entries(10));
    expect(Successful).toHaveLength(10);
    expect(await drain()).toHaveLength(10);
  });

  it("sends the others when one is refused, and says which and why", async () => {
    const { Successful, Failed } = await sendBatch([
      { Id: "good", MessageBody: "good" },
      { Id: "bad", MessageBody: "\u0000" },
    ]);
    expect(Successful).toMatchObject([{ Id: "good" }]);
    expect(Failed).toMatchObject([{ Id: "bad", Code: "InvalidMessageContents", SenderFault: true }]);
    expect(await drain()).toEqual(["good"]);
  });

  it.each([
    ["no entry", [], "EmptyBatchRequest"],
    ["eleven entries", entries(11), "TooManyEntriesInBatchRequest"],
    ["an id twice", [...entries(1), ...entries(1)], "BatchEntryIdsNotDistinct"],
    ["an id of other characters", [{ Id: "a b", MessageBody: "x" }], "InvalidBatchEntryId"],
    ["an id of 81 characters", [{ Id: "a".repeat(81), MessageBody: "x" }], "InvalidBatchEntryId"],
  ])("is refused with %s", async (_what, batch, name) => {
    await expect(sendBatch(batch)).rejects.toMatchObject({
      name,
      Code: `AWS.SimpleQueueService.${name}`,
    });
    expect(await drain()).toEqual([]);
  });

  it("is refused when all of it is larger than 1 MiB", async () => {
    const batch = entries(2, "x".repeat(524_289));
    await expect(sendBatch(batch, queueUrl("large"))).rejects.toMatchObject({ name: "BatchRequestTooLong" });
  });

  it("deletes, and changes visibility, entry by entry", async () => {
    await sendBatch(entries(2));
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    const [first, second] = Messages.map(({ ReceiptHandle }) => ReceiptHandle);
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "good", ReceiptHandle: first, VisibilityTimeout: 0 },
          { Id: "bad", ReceiptHandle: "nonsense", VisibilityTimeout: 0 },
        ],
      }),
    );
    expect(changed).toMatchObject({
      Successful: [{ Id: "good" }],
      Failed: [{ Id: "bad", Code: "ReceiptHandleIsInvalid" }],
    });
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "good", ReceiptHandle: second },
          { Id: "bad", ReceiptHandle: "" },
        ],
      }),
    );
    expect(deleted).toMatchObject({
      Successful: [{ Id: "good" }],
      Failed: [{ Id: "bad", Code: "MissingParameter" }],
    });
    expect(await drain()).toHaveLength(1);
  });
});
