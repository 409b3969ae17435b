import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { alarm, AT_ONCE, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { EncryptionKey } from "./encryptionKey";
import { denyPlainHttp, policyDocument, type PolicyStatement } from "./iam";

/** The longest that SQS keeps a message. Redriven messages keep their first enqueue time, so it must exceed every source's. */
export const FAILURE_QUEUE_RETENTION_SECONDS = 14 * 24 * 3_600;

/** Longer reuse of a data key means fewer, cheaper KMS requests. */
export const KMS_DATA_KEY_REUSE_SECONDS = 3_600;

export interface FailureQueueArgs {
  readonly key: EncryptionKey;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
  /** Services that may send to it besides the roles of the account. */
  readonly senders?: readonly QueueSender[];
}

/** A service that sends on behalf of one resource. */
export interface QueueSender {
  /** Such as `sns.amazonaws.com`. */
  readonly service: string;
  readonly sourceArn: pulumi.Input<string>;
}

/** Where messages end that nothing could process: a dead-letter queue, or the failure queue of a mapping. One message raises the alarm. */
export class FailureQueue extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  private readonly name: pulumi.Output<string>;

  constructor(name: string, args: FailureQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:FailureQueue", name, {}, opts);
    const queue = new sqs.Queue(
      name,
      {
        messageRetentionSeconds: FAILURE_QUEUE_RETENTION_SECONDS,
        kmsMasterKeyId: args.key.arn,
        kmsDataKeyReusePeriodSeconds: KMS_DATA_KEY_REUSE_SECONDS,
      },
      { parent: this, protect: args.protect },
    );
    queuePolicy(name, queue, args.senders ?? [], { parent: this });
    this.name = queue.name;
    alarm(
      `${name}-not-empty`,
      {
        alarms: args.alarms,
        // Not the number sent: SQS does not count what it moves itself (SQS Developer Guide, dead-letter queues).
        metric: this.metric("ApproximateNumberOfMessagesVisible"),
        statistic: "Maximum",
        above: 0,
        window: AT_ONCE,
        meaning: `Messages that nothing could process wait in ${name}.`,
        runbook: "dead-letters",
      },
      { parent: this },
    );
    this.arn = queue.arn;
    this.url = queue.url;
    this.registerOutputs({ arn: this.arn, url: this.url });
  }

  /** A metric that SQS keeps of the queue. */
  metric(name: string): Metric {
    return queueMetric(name, this.name);
  }
}

/** A metric of one queue. */
export function queueMetric(name: string, queueName: pulumi.Output<string>): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: queueName } };
}

/** A queue has one policy: everything it says is said here. */
export function queuePolicy(
  name: string,
  queue: sqs.Queue,
  senders: readonly QueueSender[],
  opts: pulumi.ResourceOptions,
): sqs.QueuePolicy {
  const statements = [
    denyPlainHttp("sqs:*", queue.arn),
    ...senders.map((sender) => allowSender(sender, queue.arn)),
  ];
  return new sqs.QueuePolicy(name, { queueUrl: queue.url, policy: policyDocument(statements) }, opts);
}

/** Lets a service send to a queue on behalf of one resource and no other. */
export function allowSender(
  { service, sourceArn }: QueueSender,
  queueArn: pulumi.Input<string>,
): PolicyStatement {
  return {
    Sid: "AllowDelivery",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
  };
}
