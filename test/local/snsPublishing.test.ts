import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import type { Authorizer, KeyAuthorizer } from "../../local/aws/authorizer";
import type { Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { allowAll } from "./support/authorizer";
import { serve, type Served } from "./support/endpoint";
import { totals } from "./support/metrics";
import { host, type Messaging, queue, queueArn, subscription, topic, topicArn } from "./support/messaging";

let run: Messaging;
let served: Served;
let client: SNSClient;
const TopicArn = topicArn("events");

beforeEach(async () => {
  run = host([
    topic("events", { displayName: "Events" }),
    queue("raw", { maxMessageSize: 1_048_576 }),
    queue("wrapped"),
    subscription("raw", { rawMessageDelivery: true }),
    subscription("wrapped"),
  ]);
  served = await serve({ sns: run.sns });
  client = new SNSClient(served.client);
});

afterEach(async () => {
  client.destroy();
  await run.stop();
  await served.close();
  expect(served.faults).toEqual([]);
});

const publish = (input: Partial<PublishCommandInput>) =>
  client.send(new PublishCommand({ TopicArn, Message: "x", ...input }));
const text = (StringValue: string) => ({ DataType: "String", StringValue });

async function envelope(): Promise<unknown> {
  const [body = ""] = await run.bodies("wrapped");
  return JSON.parse(body);
}

describe("a published message", () => {
  it("reaches every subscribed queue before the publisher is answered", async () => {
    const { MessageId } = await publish({ Message: "naïve ☃" });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await run.bodies("raw")).toEqual(["naïve ☃"]);
    expect(await run.bodies("wrapped")).toHaveLength(1);
    expect(totals(run.metrics, "AWS/SNS")).toMatchObject({ NumberOfNotificationsDelivered: 2 });
  });

  it("comes raw with its attributes as the queue's own", async () => {
    const bytes = { DataType: "Binary", BinaryValue: new Uint8Array([2, 3, 4]) };
    await publish({
      MessageAttributes: { kind: text("a"), bytes, list: { DataType: "String.Array", StringValue: "[1]" } },
    });
    const [message] = await run.receive("raw");
    expect(message?.MessageAttributes).toEqual({
      kind: text("a"),
      bytes: { DataType: "Binary", BinaryValue: "AgME" },
      list: { DataType: "String.Array", StringValue: "[1]" },
    });
  });

  it("comes wrapped in SNS's envelope otherwise", async () => {
    const bytes = { DataType: "Binary", BinaryValue: new Uint8Array([2, 3, 4]) };
    const { MessageId } = await publish({
      Subject: "A subject",
      Message: 'quotes " and \u0001',
      MessageAttributes: { kind: text("a"), bytes },
    });
    expect(await envelope()).toEqual({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "A subject",
      Message: 'quotes " and \u0001',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      SignatureVersion: "1",
      Signature: expect.any(String) as string,
      SigningCertURL: expect.stringContaining("https://sns.eu-central-1.amazonaws.com/") as string,
      UnsubscribeURL: expect.stringContaining(`SubscriptionArn=${TopicArn}:wrapped`) as string,
      MessageAttributes: {
        kind: { Type: "String", Value: "a" },
        bytes: { Type: "Binary", Value: "AgME" },
      },
    });
  });

  it("may have a text for each protocol", async () => {
    const Message = JSON.stringify({ default: "for others", sqs: "for queues" });
    await publish({ Message, MessageStructure: "json" });
    expect(await run.bodies("raw")).toEqual(["for queues"]);
  });

  it("may have 262,144 bytes, attributes included", async () => {
    const Message = "x".repeat(262_144 - "kind".length - "String".length - "a".length);
    await publish({ Message, MessageAttributes: { kind: text("a") } });
    expect(await run.bodies("raw")).toEqual([Message]);
  });
});

describe("a publication is refused, and reaches no queue,", () => {
  afterEach(async () => expect(await run.bodies("raw")).toEqual([]));

  it.each<[string, Partial<PublishCommandInput>, string, string]>([
    ["with an empty message", { Message: "" }, "InvalidParameter", "Invalid parameter: Empty message"],
    [
      "with too long a message",
      { Message: "é".repeat(131_073) },
      "InvalidParameter",
      "Invalid parameter: Message too long",
    ],
    [
      "with too long a message once its attributes count",
      { Message: "x".repeat(262_144), MessageAttributes: { a: text("b") } },
      "InvalidParameter",
      "Invalid parameter: Message too long",
    ],
    [
      "with an attribute without a value",
      { MessageAttributes: { attr1: { DataType: "String", StringValue: "" } } },
      "ParameterValueInvalid",
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    ["with an empty subject", { Subject: "" }, "InvalidParameter", "Invalid parameter: Subject"],
    ["with a subject of two lines", { Subject: "a\nb" }, "InvalidParameter", "Invalid parameter: Subject"],
    [
      "with a subject of 101 characters",
      { Subject: "a".repeat(101) },
      "InvalidParameter",
      "Invalid parameter: Subject",
    ],
    [
      "with a message for each protocol that is no JSON",
      { MessageStructure: "json" },
      "InvalidParameter",
      "Invalid parameter: Message Structure - JSON message body failed to parse",
    ],
    [
      "with a message for each protocol but no default",
      { MessageStructure: "json", Message: '{"sqs":"x"}' },
      "InvalidParameter",
      "Invalid parameter: Message Structure - No default entry in JSON message body",
    ],
    [
      "with a group: the topic is no FIFO topic",
      { MessageGroupId: "g" },
      "InvalidParameter",
      "MessageGroupId",
    ],
    ["by SMS", { PhoneNumber: "+490000" }, "InvalidParameter", "SMS is not hosted"],
    [
      "to what is no ARN",
      { TopicArn: "events" },
      "InvalidParameter",
      "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
    ],
    ["to a topic that there is not", { TopicArn: topicArn("none") }, "NotFound", "Topic does not exist"],
  ])("%s", async (_what, input, Code, message) => {
    const error = await publish(input).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ Code, message: expect.stringContaining(message) as string });
  });
});

describe("a batch", () => {
  const publishBatch = (...entries: [string, string][]) =>
    client.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: entries.map(([Id, Message]) => ({ Id, Message })),
      }),
    );
  const entries = (count: number) =>
    Array.from({ length: count }, (_, i): [string, string] => [`e${i}`, `m${i}`]);

  it("publishes up to ten messages", async () => {
    const { Successful, Failed } = await publishBatch(...entries(10));
    expect(Successful?.map(({ Id }) => Id)).toEqual(entries(10).map(([id]) => id));
    expect(Failed).toEqual([]);
    expect(await run.bodies("raw")).toEqual(entries(10).map(([, message]) => message));
  });

  it.each<[string, [string, string][], string]>([
    ["no entry", [], "EmptyBatchRequest"],
    ["eleven entries", entries(11), "TooManyEntriesInBatchRequest"],
    ["an id twice", [...entries(1), ...entries(1)], "BatchEntryIdsNotDistinct"],
    ["an id of other characters", [["a b", "x"]], "InvalidBatchEntryId"],
    ["one empty message", [...entries(1), ["e1", ""]], "InvalidParameter"],
    [
      "more than 262,144 bytes",
      [
        ["a", "x".repeat(200_000)],
        ["b", "x".repeat(62_145)],
      ],
      "BatchRequestTooLong",
    ],
  ])("is refused as a whole with %s", async (_what, batch, Code) => {
    await expect(publishBatch(...batch)).rejects.toMatchObject({ Code });
    expect(await run.bodies("raw")).toEqual([]);
  });
});

describe("looking at topics and subscriptions", () => {
  const summary = (name: string) => ({
    SubscriptionArn: `${TopicArn}:${name}`,
    Owner: "123456789012",
    Protocol: "sqs",
    Endpoint: queueArn(name),
    TopicArn,
  });

  it("lists both", async () => {
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    const all = [summary("raw"), summary("wrapped")];
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual(all);
    expect((await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual(all);
  });

  it("lists an e-mail address as one that has not confirmed", async () => {
    const endpoint = "operators@example.com";
    run.sns.hosts["aws:sns/topicSubscription:TopicSubscription"]?.(
      subscription("mail", { protocol: "email", endpoint }),
    );
    const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toContainEqual({
      ...summary("raw"),
      SubscriptionArn: "PendingConfirmation",
      Protocol: "email",
      Endpoint: endpoint,
    });
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ SubscriptionsConfirmed: "2", SubscriptionsPending: "1" });
  });

  it("tells a topic's attributes", async () => {
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({
      DisplayName: "Events",
      Owner: "123456789012",
      SubscriptionsConfirmed: "2",
    });
  });

  it("tells a subscription's attributes", async () => {
    const get = (SubscriptionArn: string) =>
      client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect((await get(`${TopicArn}:raw`)).Attributes).toMatchObject({
      Protocol: "sqs",
      Endpoint: queueArn("raw"),
      RawMessageDelivery: "true",
      PendingConfirmation: "false",
    });
    await expect(get(`${TopicArn}:none`)).rejects.toMatchObject({ Code: "NotFound" });
  });

  it("leaves their making to the program", async () => {
    const subscribe = new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn("raw") });
    await expect(client.send(subscribe)).rejects.toMatchObject({ Code: "UnsupportedOperation" });
  });
});

describe("permissions", () => {
  const ROLE: Caller = {
    type: "role",
    roleArn: "arn:aws:iam::123456789012:role/publisher",
    sessionName: "s",
  };
  const POLICY = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: ["sns:Publish"], Resource: ["*"] }],
  };
  const encrypted = () => topic("events", { kmsMasterKeyId: "key-1", policy: JSON.stringify(POLICY) });

  async function hostEncrypted(access: Authorizer & KeyAuthorizer): Promise<void> {
    await run.stop();
    run = host([encrypted()], { access });
  }

  it("to publish are asked of the topic's policy and of its key", async () => {
    const authorize = jest.fn<void, Parameters<Authorizer["authorize"]>>();
    const authorizeKey = jest.fn<void, Parameters<KeyAuthorizer["authorizeKey"]>>();
    await hostEncrypted({ authorize, authorizeKey });
    await run.sns.call("Publish", { TopicArn, Message: "x" }, ROLE);
    expect(authorize.mock.calls).toEqual([[ROLE, "sns:Publish", TopicArn, { resourcePolicy: POLICY }]]);
    expect(authorizeKey.mock.calls.map(([caller, action, key]) => [caller, action, key])).toEqual([
      [ROLE, "kms:GenerateDataKey", "key-1"],
      [ROLE, "kms:Decrypt", "key-1"],
    ]);
  });

  const denied = new AwsError("AccessDeniedException", "no", 403);
  const keyDenied = new AwsError("KMSAccessDeniedException", "no", 400);

  it.each([
    ["of the action", { ...allowAll, authorize: () => raise(denied) }, "AuthorizationError"],
    ["of the key", { ...allowAll, authorizeKey: () => raise(keyDenied) }, "KMSAccessDenied"],
  ])("whose refusal is %s have SNS's names", async (_what, access, queryErrorCode) => {
    await hostEncrypted(access);
    const published = run.sns.call("Publish", { TopicArn, Message: "x" }, ROLE);
    await expect(published).rejects.toMatchObject({ fields: { queryErrorCode } });
  });
});

function raise(error: Error): never {
  throw error;
}
