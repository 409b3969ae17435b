import { ADMINISTRATOR } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { answerQuery } from "../../local/aws/query";
import { host, type Messaging, queue, queueUrl, topic, topicArn } from "./support/messaging";

let run: Messaging;

beforeEach(() => {
  run = host([queue("work"), topic("events")]);
});

afterEach(() => run.stop());

/** Posts a form as a client of the Query protocol does. */
const post = (body: string, { path = "/", accept = "*/*" } = {}) =>
  answerQuery(run, { path, headers: { accept }, body }, ADMINISTRATOR);

const form = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
const QueueUrl = queueUrl("work");
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

describe("an answer", () => {
  it("is XML as the API reference shows it", async () => {
    const { status, headers, body } = await post(
      form({ Action: "SendMessage", QueueUrl, MessageBody: "hello" }),
    );
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/xml");
    expect(body).toMatch(
      new RegExp(
        '^<\\?xml version="1.0"\\?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">' +
          "<SendMessageResult><MD5OfMessageBody>5d41402abc4b2a76b9719d911017c592</MD5OfMessageBody>" +
          `<MessageId>${UUID}</MessageId></SendMessageResult>` +
          `<ResponseMetadata><RequestId>${UUID}</RequestId></ResponseMetadata></SendMessageResponse>$`,
      ),
    );
  });

  it("is JSON for a client that accepts it, as API Gateway's integration gets it", async () => {
    const body = form({ Action: "SendMessage", MessageBody: "hello" });
    const answer = await post(body, { path: "/123456789012/work", accept: "application/json" });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(answer.body)).toEqual({
      SendMessageResponse: {
        ResponseMetadata: { RequestId: expect.any(String) as string },
        SendMessageResult: {
          MD5OfMessageAttributes: null,
          MD5OfMessageBody: "5d41402abc4b2a76b9719d911017c592",
          MD5OfMessageSystemAttributes: null,
          MessageId: expect.any(String) as string,
          SequenceNumber: null,
        },
      },
    });
  });

  it("has no result element where the action has no result", async () => {
    const { body } = await post(form({ Action: "PurgeQueue", QueueUrl }));
    expect(body).toMatch(/<PurgeQueueResponse xmlns="[^"]+"><ResponseMetadata>/);
  });

  it("escapes what is markup in XML", async () => {
    await run.send("work", 'a<b>&"c"\r\n');
    const { body } = await post(form({ Action: "ReceiveMessage", QueueUrl }));
    expect(body).toContain("<Body>a&lt;b&gt;&amp;&quot;c&quot;&#xD;\n</Body>");
  });

  it("writes lists and maps flat for SQS", async () => {
    await run.send("work", "x", { MessageAttributes: { kind: { DataType: "String", StringValue: "a" } } });
    const asked = { "AttributeName.1": "SenderId", "MessageAttributeName.1": "All" };
    const { body } = await post(form({ Action: "ReceiveMessage", QueueUrl, ...asked }));
    expect(body).toContain("<Attribute><Name>SenderId</Name><Value>123456789012</Value></Attribute>");
    expect(body).toContain(
      "<MessageAttribute><Name>kind</Name><Value><DataType>String</DataType><StringValue>a</StringValue></Value></MessageAttribute>",
    );
  });

  it("writes lists and maps with elements around them for SNS", async () => {
    const topics = await post(form({ Action: "ListTopics", Version: "2010-03-31" }));
    expect(topics.body).toContain(
      `<Topics><member><TopicArn>${topicArn("events")}</TopicArn></member></Topics>`,
    );
    const attributes = await post(form({ Action: "GetTopicAttributes", TopicArn: topicArn("events") }));
    expect(attributes.body).toContain("<entry><key>Owner</key><value>123456789012</value></entry>");
  });
});

describe("a form", () => {
  it("sends text exactly: markup, line ends, plus signs and characters of other scripts", async () => {
    const text = '1+1=2 & <b>\r\n"ü" ☃ 😀 %41';
    await post(`Action=SendMessage&MessageBody=${encodeURIComponent(text)}`, { path: "/123456789012/work" });
    expect(await run.bodies("work")).toEqual([text]);
  });

  it("reads a plus sign as a space, as forms write it", async () => {
    await post("Action=SendMessage&MessageBody=+a+ü++b+", { path: "/123456789012/work?x=1" });
    expect(await run.bodies("work")).toEqual([" a ü  b "]);
  });

  it("carries attributes, system attributes and numbers", async () => {
    await post(
      form({
        Action: "SendMessage",
        QueueUrl,
        MessageBody: "x",
        DelaySeconds: "5",
        "MessageAttribute.1.Name": "a",
        "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "1",
        "MessageAttribute.2.Name": "__proto__",
        "MessageAttribute.2.Value.DataType": "Binary",
        "MessageAttribute.2.Value.BinaryValue": "AAEC",
        "MessageSystemAttribute.1.Name": "AWSTraceHeader",
        "MessageSystemAttribute.1.Value.DataType": "String",
        "MessageSystemAttribute.1.Value.StringValue": "Root=1",
      }),
    );
    expect(await run.receive("work")).toEqual([]);
    run.clock.advance(5000);
    const [message] = await run.receive("work");
    expect(message?.Attributes["AWSTraceHeader"]).toBe("Root=1");
    expect(Object.entries(message?.MessageAttributes ?? {})).toEqual([
      ["a", { DataType: "String", StringValue: "1" }],
      ["__proto__", { DataType: "Binary", BinaryValue: "AAEC" }],
    ]);
  });

  it("carries batches", async () => {
    const { body } = await post(
      form({
        Action: "SendMessageBatch",
        QueueUrl,
        "SendMessageBatchRequestEntry.2.Id": "second",
        "SendMessageBatchRequestEntry.2.MessageBody": "2",
        "SendMessageBatchRequestEntry.1.Id": "first",
        "SendMessageBatchRequestEntry.1.MessageBody": "1",
        "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name": "a",
        "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType": "String",
        "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue": "b",
        "SendMessageBatchRequestEntry.10.Id": "bad",
        "SendMessageBatchRequestEntry.10.MessageBody": "",
      }),
    );
    expect(body).toMatch(/<SendMessageBatchResultEntry><Id>first<.*<SendMessageBatchResultEntry><Id>second</);
    expect(body).toContain("<BatchResultErrorEntry><Id>bad</Id><Code>MissingParameter</Code>");
    expect(await run.bodies("work")).toEqual(["1", "2"]);
  });

  it("sets attributes and deletes by handle", async () => {
    await post(
      form({
        Action: "SetQueueAttributes",
        QueueUrl,
        "Attribute.1.Name": "DelaySeconds",
        "Attribute.1.Value": "7",
      }),
    );
    const { body } = await post(
      form({ Action: "GetQueueAttributes", QueueUrl, "AttributeName.1": "DelaySeconds" }),
    );
    expect(body).toContain("<Attribute><Name>DelaySeconds</Name><Value>7</Value></Attribute>");
    await run.send("work", "x", { DelaySeconds: 0 });
    const ReceiptHandle = (await run.receive("work"))[0]?.ReceiptHandle ?? "";
    await post(form({ Action: "DeleteMessage", QueueUrl, ReceiptHandle }));
    run.clock.advance(30_000);
    expect(await run.receive("work")).toEqual([]);
  });
});

describe("a form is refused, and nothing is sent,", () => {
  afterEach(async () => expect(await run.bodies("work")).toEqual([]));
  const send = `Action=SendMessage&QueueUrl=${encodeURIComponent(QueueUrl)}&MessageBody=x`;

  it.each([
    ["without an action", "MessageBody=x", 400, "MissingAction"],
    ["when it is empty", "", 400, "MissingAction"],
    ["with an action that there is not", "Action=Explode", 400, "InvalidAction"],
    ["with an action of another service", "Action=PutItem", 400, "InvalidAction"],
    ["with the action twice", `${send}&Action=PurgeQueue`, 400, "InvalidQueryParameter"],
    ["with the body twice", `${send}&MessageBody=y`, 400, "InvalidQueryParameter"],
    ["with a parameter that the action does not have", `${send}&Colour=red`, 400, "InvalidQueryParameter"],
    ["with a part that a parameter does not have", `${send}&MessageBody.1=y`, 400, "InvalidQueryParameter"],
    ["with an attribute without a value", `${send}&MessageAttribute.1.Name=a`, 400, "InvalidQueryParameter"],
    [
      "with an attribute that has no number",
      `${send}&MessageAttribute.x.Name=a`,
      400,
      "InvalidQueryParameter",
    ],
    [
      "with an attribute named twice",
      `${send}${[1, 2].map((n) => `&MessageAttribute.${n}.Name=a&MessageAttribute.${n}.Value.DataType=String`).join("")}`,
      400,
      "InvalidQueryParameter",
    ],
    ["with a name without end", `${send}&${"a.".repeat(1000)}`, 400, "InvalidQueryParameter"],
    ["with a number that is none", `${send}&DelaySeconds=1e3`, 400, "MalformedInput"],
    ["with a broken escape", `${send}&DelaySeconds=%zz`, 404, "MalformedQueryString"],
    ["with bytes that are no UTF-8", `${send}&DelaySeconds=%ff`, 404, "MalformedQueryString"],
    [
      "with more parameters than any action takes",
      `${send}${Array.from({ length: 1001 }, (_, i) => `&a${i}=1`).join("")}`,
      404,
      "MalformedQueryString",
    ],
    ["without a queue", "Action=SendMessage&MessageBody=x", 400, "MissingParameter"],
    [
      "that would make a queue",
      "Action=CreateQueue&QueueName=q",
      400,
      "AWS.SimpleQueueService.UnsupportedOperation",
    ],
  ])("%s", async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`);
  });

  it("for a queue that there is not, by its older error code", async () => {
    const answer = await post("Action=SendMessage&MessageBody=x", { path: "/123456789012/none" });
    expect(answer.body).toMatch(
      new RegExp(
        "<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>" +
          `<Message>The specified queue does not exist.</Message><Detail/></Error><RequestId>${UUID}</RequestId>`,
      ),
    );
  });

  it("in JSON for a client that accepts it", async () => {
    const answer = await post("Action=SendMessage&MessageBody=%01", {
      path: "/123456789012/work",
      accept: "application/json",
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({
      Error: {
        Code: "InvalidMessageContents",
        Message: expect.stringContaining("Invalid characters found") as string,
        Type: "Sender",
      },
      RequestId: expect.any(String) as string,
    });
  });
});

it("says that a failure of the service is the receiver's", async () => {
  const sqs = { call: () => Promise.reject(new AwsError("InternalFailure", "broken", 500)) };
  const request = { path: "/", headers: {}, body: "Action=ListQueues" };
  const { status, body } = await answerQuery({ sqs }, request, ADMINISTRATOR);
  expect(status).toBe(500);
  expect(body).toContain("<Type>Receiver</Type><Code>InternalFailure</Code>");
});

it("leaves a fault of the run to its caller", async () => {
  const sqs = { call: () => Promise.reject(new TypeError("a fault")) };
  const request = { path: "/", headers: {}, body: "Action=ListQueues" };
  await expect(answerQuery({ sqs }, request, ADMINISTRATOR)).rejects.toThrow("a fault");
});
