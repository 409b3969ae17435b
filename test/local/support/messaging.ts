import { ADMINISTRATOR } from "../../../local/aws/caller";
import type { AwsDocument } from "../../../local/aws/api";
import type { Authorizer, KeyAuthorizer } from "../../../local/aws/authorizer";
import type { Resource } from "../../../local/aws/resource";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import { Sns } from "../../../local/sns/sns";
import { Sqs } from "../../../local/sqs/sqs";
import { openStore } from "../../../local/store";
import { allowAll } from "./authorizer";
import { resource } from "./resource";

export const REGION = "eu-central-1";
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:123456789012:${name}`;
export const queueUrl = (name: string) => `http://127.0.0.1:4000/123456789012/${name}`;
export const topicArn = (name: string) => `arn:aws:sns:${REGION}:123456789012:${name}`;

export const queue = (name: string, inputs: Record<string, unknown> = {}) =>
  resource("aws:sqs/queue:Queue", name, inputs, { name, arn: queueArn(name), url: queueUrl(name) });

/** A queue's policy of the kind that is a resource of its own, such as `redrivePolicy`. */
export const policyOfQueue = (
  kind: "queuePolicy" | "redrivePolicy" | "redriveAllowPolicy",
  name: string,
  document: unknown,
) =>
  resource(
    `aws:sqs/${kind}:${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    `${name}-${kind}`,
    { queueUrl: queueUrl(name), [kind === "queuePolicy" ? "policy" : kind]: JSON.stringify(document) },
    {},
  );

export const topic = (name: string, inputs: Record<string, unknown> = {}) =>
  resource("aws:sns/topic:Topic", name, inputs, { name, arn: topicArn(name) });

/** The queue's subscription to the topic `events`. */
export const subscription = (queueName: string, inputs: Record<string, unknown> = {}) =>
  resource(
    "aws:sns/topicSubscription:TopicSubscription",
    `events-${queueName}`,
    { topic: topicArn("events"), protocol: "sqs", endpoint: queueArn(queueName), ...inputs },
    { arn: `${topicArn("events")}:${queueName}` },
  );

export const redriveTo = (name: string, maxReceiveCount = 2) =>
  JSON.stringify({ deadLetterTargetArn: queueArn(name), maxReceiveCount });

export interface Messaging {
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly clock: Clock;
  readonly metrics: MetricStore;
  readonly store: ReturnType<typeof openStore>;
  /** Sends a text as the administrator. */
  send(queueName: string, body: string, members?: AwsDocument): Promise<AwsDocument>;
  /** Receives up to ten messages, with all their attributes. */
  receive(queueName: string, members?: AwsDocument): Promise<readonly Received[]>;
  bodies(queueName: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, unknown>>;
}

/** Receives up to ten messages as the administrator, with all their attributes. */
export async function receiveAll(
  sqs: Sqs,
  queueName: string,
  members: AwsDocument = {},
): Promise<readonly Received[]> {
  const input = {
    QueueUrl: queueUrl(queueName),
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
    ...members,
  };
  const { Messages = [] } = await sqs.call("ReceiveMessage", input, ADMINISTRATOR);
  return Messages as readonly Received[];
}

/** Hosts the resources on a store of its own, or on the one in a folder. */
export function host(
  resources: readonly Resource[],
  options: { readonly folder?: string; readonly access?: Authorizer & KeyAuthorizer } = {},
): Messaging {
  const { access = allowAll } = options;
  const store = openStore(options.folder);
  const clock = new Clock();
  const metrics = new MetricStore(clock);
  const sqs = new Sqs({ store, clock, iam: access, keys: access, metrics });
  const sns = new Sns({ store, clock, iam: access, keys: access, metrics, sqs });
  for (const one of resources) {
    const hosting = sqs.hosts[one.type] ?? sns.hosts[one.type];
    if (!hosting) throw new Error(`No service hosts ${one.type}.`);
    hosting(one);
  }
  sqs.start();
  sns.start();
  const receive = (queueName: string, members?: AwsDocument) => receiveAll(sqs, queueName, members);
  return {
    sqs,
    sns,
    clock,
    metrics,
    store,
    receive,
    send: (queueName, body, members) =>
      sqs.call(
        "SendMessage",
        { QueueUrl: queueUrl(queueName), MessageBody: body, ...members },
        ADMINISTRATOR,
      ),
    bodies: async (queueName) => (await receive(queueName)).map(({ Body }) => Body),
    stop: async () => {
      sqs.stop();
      await sns.stop();
      clock.stop();
      store.close();
    },
  };
}
