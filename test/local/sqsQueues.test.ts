import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type Served } from "./support/endpoint";
import { host, type Messaging, queue, queueArn, queueUrl, redriveTo } from "./support/messaging";

let run: Messaging;
let served: Served;
let client: SQSClient;
const QueueUrl = queueUrl("work");

beforeEach(async () => {
  run = host([queue("dead"), queue("work", { redrivePolicy: redriveTo("dead") }), queue("work-2")]);
  served = await serve({ sqs: run.sqs });
  client = new SQSClient(served.client);
});

afterEach(async () => {
  client.destroy();
  await run.stop();
  await served.close();
  expect(served.faults).toEqual([]);
});

async function attributes(...names: QueueAttributeName[]): Promise<Partial<Record<string, string>>> {
  const input = { QueueUrl, AttributeNames: names.length > 0 ? names : ["All" as const] };
  return (await client.send(new GetQueueAttributesCommand(input))).Attributes ?? {};
}

describe("a queue's attributes", () => {
  it("are those of the program, with the provider's defaults", async () => {
    expect(await attributes()).toEqual({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesDelayed: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/) as string,
      DelaySeconds: "0",
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/) as string,
      MaximumMessageSize: "262144",
      MessageRetentionPeriod: "345600",
      QueueArn: queueArn("work"),
      ReceiveMessageWaitTimeSeconds: "0",
      RedrivePolicy: redriveTo("dead"),
      SqsManagedSseEnabled: "true",
      VisibilityTimeout: "30",
    });
  });

  it("count the messages by what a receiver may see", async () => {
    for (const body of ["a", "b", "c"]) await run.send("work", body);
    await run.receive("work", { MaxNumberOfMessages: 1 });
    await run.send("work", "later", { DelaySeconds: 60 });
    const names = [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesDelayed",
      "ApproximateNumberOfMessagesNotVisible",
    ] as const;
    expect(Object.values(await attributes(...names))).toEqual(["2", "1", "1"]);
  });

  it("can be changed, and take effect at once", async () => {
    const change = { VisibilityTimeout: "5", RedrivePolicy: "" };
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: change }));
    expect(await attributes("VisibilityTimeout", "RedrivePolicy")).toEqual({ VisibilityTimeout: "5" });
    await run.send("work", "x");
    await run.receive("work");
    run.clock.advance(5000);
    expect(await run.receive("work")).toHaveLength(1);
  });

  it.each([
    [{ VisibilityTimeout: "43201" }, "InvalidAttributeValue"],
    [{ DelaySeconds: "one" }, "InvalidAttributeValue"],
    [{ MaximumMessageSize: "1048577" }, "InvalidAttributeValue"],
    [{ Policy: "no JSON" }, "InvalidAttributeValue"],
    [{ Colour: "red" }, "InvalidAttributeName"],
    [{ constructor: "x" }, "InvalidAttributeName"],
    [{ FifoQueue: "true" }, "InvalidAttributeName"],
    [{ KmsMasterKeyId: "key", SqsManagedSseEnabled: "true" }, "InvalidAttributeName"],
    [{ RedrivePolicy: redriveTo("none") }, "InvalidParameterValue"],
    [{ RedrivePolicy: redriveTo("dead", 1001) }, "InvalidParameterValue"],
    [{ RedriveAllowPolicy: '{"redrivePermission":"byQueue"}' }, "InvalidParameterValue"],
  ])("cannot become %j", async (Attributes, name) => {
    const set = new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { ...Attributes } as Record<string, string>,
    });
    await expect(client.send(set)).rejects.toMatchObject({ name });
  });

  it("that there are not cannot be asked for", async () => {
    const asked = attributes("Colour" as QueueAttributeName);
    await expect(asked).rejects.toMatchObject({ name: "InvalidAttributeName" });
  });
});

describe("finding queues", () => {
  it("gives a queue's URL for its name", async () => {
    expect(await client.send(new GetQueueUrlCommand({ QueueName: "work" }))).toMatchObject({ QueueUrl });
    const other = new GetQueueUrlCommand({ QueueName: "work", QueueOwnerAWSAccountId: "999999999999" });
    await expect(client.send(other)).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });

  it("lists queues by prefix, page by page", async () => {
    const list = async (input: object) => client.send(new ListQueuesCommand(input));
    expect((await list({})).QueueUrls).toHaveLength(3);
    const first = await list({ QueueNamePrefix: "work", MaxResults: 1 });
    expect(first.QueueUrls).toEqual([queueUrl("work")]);
    const second = await list({ QueueNamePrefix: "work", MaxResults: 1, NextToken: first.NextToken });
    expect(second).toMatchObject({ QueueUrls: [queueUrl("work-2")] });
    expect(second.NextToken).toBeUndefined();
  });

  it("lists the queues that dead-letter to a queue", async () => {
    const list = async (url: string) =>
      (await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url }))).queueUrls;
    expect(await list(queueUrl("dead"))).toEqual([QueueUrl]);
    expect(await list(QueueUrl)).toEqual([]);
  });
});

it("purges a queue, once a minute", async () => {
  await run.send("work", "x");
  await run.send("dead", "kept");
  const purge = () => client.send(new PurgeQueueCommand({ QueueUrl }));
  await purge();
  expect(await run.bodies("work")).toEqual([]);
  expect(await run.bodies("dead")).toEqual(["kept"]);
  await expect(purge()).rejects.toMatchObject({ name: "PurgeQueueInProgress" });
  run.clock.advance(60_000);
  await purge();
});

it("leaves the making and deleting of queues to the program", async () => {
  const refusal = { name: "UnsupportedOperation" };
  await expect(client.send(new CreateQueueCommand({ QueueName: "new" }))).rejects.toMatchObject(refusal);
  await expect(client.send(new DeleteQueueCommand({ QueueUrl }))).rejects.toMatchObject(refusal);
});

describe("a queue of the program is refused", () => {
  it.each([
    ["as a FIFO queue", { fifoQueue: true }, "FIFO queues are not hosted"],
    ["with a property that is not known", { colour: "red" }, 'Unrecognized key: "colour"'],
    ["with a value out of range", { visibilityTimeoutSeconds: 43_201 }, "VisibilityTimeout"],
    ["with a policy that is no JSON", { policy: "{" }, "Policy"],
    ["with a redrive policy without a count", { redrivePolicy: "{}" }, "RedrivePolicy"],
  ])("%s", (_what, inputs, message) => {
    expect(() => run.sqs.hosts["aws:sqs/queue:Queue"]?.(queue("bad", inputs))).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) as string }),
    );
    expect(() => run.sqs.hosts["aws:sqs/queue:Queue"]?.(queue("bad", inputs))).toThrow(
      'Cannot host aws:sqs/queue:Queue "bad"',
    );
  });
});

it("keeps messages, their receives and visibility timeouts when the run is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sqs-test-"));
  try {
    const killed = host([queue("work")], { folder });
    await killed.send("work", "in flight");
    const [inFlight] = await killed.receive("work");
    await killed.send("work", "waiting", {
      MessageAttributes: { a: { DataType: "String", StringValue: "b" } },
    });
    await killed.stop();
    const again = host([queue("work")], { folder });
    const [waiting, ...others] = await again.receive("work", { VisibilityTimeout: 300 });
    expect(waiting).toMatchObject({ Body: "waiting", MessageAttributes: { a: { StringValue: "b" } } });
    expect(others).toEqual([]);
    again.clock.advance(30_000);
    const [second] = await again.receive("work");
    expect(second).toMatchObject({ MessageId: inFlight?.MessageId, Body: "in flight" });
    expect(second?.Attributes["ApproximateReceiveCount"]).toBe("2");
    await again.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
