import { adding, editing, removing, setting, type Edit, type MutationRule } from "./mutation";
import { firstOf, outputOf, TYPES } from "./resources";

type Statement = Readonly<Record<string, unknown>>;
interface Document {
  readonly Statement: readonly Statement[];
}

const ACCOUNT = "123456789012";
const PLAIN_HTTP = { "aws:SecureTransport": "false" };

/** What makes a statement one that does not refuse plain HTTP to everybody. */
const WEAKENED: readonly Statement[] = [
  { Effect: "Allow" },
  { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
  { Principal: { Service: "sns.amazonaws.com" } },
  { Principal: undefined, NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/trusted` } },
  { Action: "sqs:ReceiveMessage" },
  { Action: undefined, NotAction: ["sqs:SendMessage", "sns:Publish"] },
  { Resource: `arn:aws:sqs:eu-west-1:${ACCOUNT}:another` },
  { Condition: undefined },
  { Condition: { Bool: { "aws:SecureTransport": "true" } } },
  { Condition: { Null: PLAIN_HTTP } },
  { Condition: { Bool: PLAIN_HTTP, StringEquals: { "aws:SourceAccount": ACCOUNT } } },
  { Condition: { Bool: { ...PLAIN_HTTP, "aws:ViaAWSService": "true" } } },
];

/** Takes the refusal from each policy of a type, and weakens it in every way. */
function weakened(policy: string, type: string): MutationRule[] {
  return [
    removing(policy, type),
    setting(policy, type, "policy", ["", "deny", '{"Version":"2012-10-17","Statement":[]}']),
    editing<Document>(policy, type, "policy", (document) => [
      withoutRefusal(document),
      ...WEAKENED.map((change) => withRefusal(document, change)),
    ]),
  ];
}

export const transportMutations: readonly MutationRule[] = [
  ...weakened("sqs-queue-policy-tls-only", "aws:sqs/queuePolicy:QueuePolicy"),
  ...weakened("sns-topic-policy-tls-only", "aws:sns/topicPolicy:TopicPolicy"),
  adding("sqs-queue-policy-tls-only", TYPES.queue, "open", { arn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:open` }),
  adding("sns-topic-policy-tls-only", "aws:sns/topic:Topic", "open", {
    arn: `arn:aws:sns:eu-west-1:${ACCOUNT}:open`,
  }),
  setting("sns-subscription-tls-only", TYPES.subscription, "protocol", ["http"]),
  // A queue has one policy: which of two is in force, nobody can say.
  adding("sqs-queue-policy-tls-only", "aws:sqs/queuePolicy:QueuePolicy", "second", (graph) => ({
    queueUrl: outputOf(firstOf(graph, TYPES.queue), "url"),
    policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*" }] }),
  })),
];

function isRefusal(statement: Statement): boolean {
  return statement["Effect"] === "Deny";
}

function withoutRefusal(document: Document): Edit<Document> {
  const Statement = document.Statement.filter((statement) => !isRefusal(statement));
  return { what: "without its refusal of plain HTTP", document: { ...document, Statement } };
}

function withRefusal(document: Document, change: Statement): Edit<Document> {
  const Statement = document.Statement.map((statement) =>
    isRefusal(statement) ? { ...statement, ...change } : statement,
  );
  const what = Object.entries(change).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return { what: what.join(", "), document: { ...document, Statement } };
}
