import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { AwsDocument } from "../../local/aws/api";
import type { Authorizer, KeyAuthorizer } from "../../local/aws/authorizer";
import type { Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { answerQuery } from "../../local/aws/query";
import { allowAll } from "./support/authorizer";
import { serve, type Served } from "./support/endpoint";
import {
  host,
  type Messaging,
  policyOfQueue,
  queue,
  queueArn,
  queueUrl,
  redriveTo,
} from "./support/messaging";

const ROLE: Caller = { type: "role", roleArn: "arn:aws:iam::123456789012:role/worker", sessionName: "s" };
const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["sqs:*"], Resource: ["*"] }],
};
const QueueUrl = queueUrl("work");

let run: Messaging;
const authorize = jest.fn<void, Parameters<Authorizer["authorize"]>>();
const authorizeKey = jest.fn<void, Parameters<KeyAuthorizer["authorizeKey"]>>();

beforeEach(() => {
  authorize.mockReset();
  authorizeKey.mockReset();
  run = host(
    [
      queue("dead"),
      queue("work", { kmsMasterKeyId: "key-1", redrivePolicy: redriveTo("dead") }),
      policyOfQueue("queuePolicy", "work", POLICY),
    ],
    { access: { authorize, authorizeKey } },
  );
});

afterEach(() => run.stop());

const call = (action: string, input: AwsDocument = {}) => run.sqs.call(action, { QueueUrl, ...input }, ROLE);
const ARNS = { SourceArn: queueArn("dead") };

it.each([
  ["SendMessage", { MessageBody: "x" }, "sqs:SendMessage"],
  ["SendMessageBatch", { Entries: [{ Id: "a", MessageBody: "x" }] }, "sqs:SendMessage"],
  ["ReceiveMessage", {}, "sqs:ReceiveMessage"],
  ["DeleteMessage", {}, "sqs:DeleteMessage"],
  ["DeleteMessageBatch", {}, "sqs:DeleteMessage"],
  ["ChangeMessageVisibility", {}, "sqs:ChangeMessageVisibility"],
  ["ChangeMessageVisibilityBatch", {}, "sqs:ChangeMessageVisibility"],
  ["GetQueueAttributes", {}, "sqs:GetQueueAttributes"],
  ["SetQueueAttributes", {}, "sqs:SetQueueAttributes"],
  ["PurgeQueue", {}, "sqs:PurgeQueue"],
  ["GetQueueUrl", { QueueName: "work" }, "sqs:GetQueueUrl"],
  ["ListDeadLetterSourceQueues", {}, "sqs:ListDeadLetterSourceQueues"],
])("%s asks for its permission on the queue, with the queue's policy", async (action, input, permission) => {
  await call(action, input).catch(() => undefined);
  expect(authorize.mock.calls).toEqual([[ROLE, permission, queueArn("work"), { resourcePolicy: POLICY }]]);
});

it("ListQueues asks for its permission on the account", async () => {
  await call("ListQueues");
  expect(authorize.mock.calls).toEqual([[ROLE, "sqs:ListQueues", "*"]]);
});

it("StartMessageMoveTask asks for all that it does with the two queues and the key", async () => {
  await call("StartMessageMoveTask", ARNS);
  expect(authorize.mock.calls.map(([, action, resource]) => [action, resource])).toEqual([
    ["sqs:StartMessageMoveTask", queueArn("dead")],
    ["sqs:ReceiveMessage", queueArn("dead")],
    ["sqs:DeleteMessage", queueArn("dead")],
    ["sqs:GetQueueAttributes", queueArn("dead")],
    ["sqs:SendMessage", queueArn("work")],
  ]);
  expect(authorizeKey.mock.calls.map(([, action]) => action)).toEqual(["kms:GenerateDataKey", "kms:Decrypt"]);
});

it.each([
  ["SendMessage", { MessageBody: "x" }, ["kms:GenerateDataKey", "kms:Decrypt"]],
  ["ReceiveMessage", {}, ["kms:Decrypt"]],
  ["GetQueueAttributes", {}, []],
])("%s uses an encrypted queue's key for %j", async (action, input, permissions) => {
  await call(action, input);
  const context = { "kms:EncryptionContext:aws:sqs:arn": queueArn("work") };
  expect(authorizeKey.mock.calls).toEqual(
    permissions.map((permission) => [ROLE, permission, "key-1", "sqs", context]),
  );
});

describe("a refusal", () => {
  let served: Served;
  afterEach(() => served.close());
  const denied = new AwsError("AccessDeniedException", "User: x is not authorized", 403);
  const keyDenied = new AwsError("KMSAccessDeniedException", "not authorized to perform: kms:Decrypt");

  it.each([
    [
      "of the action",
      { ...allowAll, authorize: () => raise(denied) },
      "AccessDeniedException",
      "AccessDenied",
    ],
    [
      "of the key",
      { ...allowAll, authorizeKey: () => raise(keyDenied) },
      "KmsAccessDenied",
      "KMS.AccessDeniedException",
    ],
  ])("%s has SQS's names in both protocols, and nothing is sent", async (_what, access, name, Code) => {
    await run.stop();
    run = host([queue("work", { kmsMasterKeyId: "key-1" })], { access });
    served = await serve({ sqs: run.sqs });
    const client = new SQSClient(served.client);
    const sent = client.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    await expect(sent).rejects.toMatchObject({ Code });
    await expect(call("SendMessage", { MessageBody: "x" })).rejects.toMatchObject({ code: name });
    const form = { path: "/123456789012/work", headers: {}, body: "Action=SendMessage&MessageBody=x" };
    expect((await answerQuery({ sqs: run.sqs }, form, ROLE)).body).toContain(`<Code>${Code}</Code>`);
    expect(run.store.db.prepare("SELECT body FROM sqs_messages").all()).toEqual([]);
  });
});

function raise(error: Error): never {
  throw error;
}
