import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { alarm, LASTING, type AlarmArgs, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { EncryptionKey } from "./encryptionKey";
import {
  FailureQueue,
  KMS_DATA_KEY_REUSE_SECONDS,
  queueMetric,
  queuePolicy,
  type QueueSender,
} from "./failureQueue";

export interface DeadLetteredQueueArgs {
  readonly key: EncryptionKey;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
  readonly visibilityTimeoutSeconds: number;
  readonly messageRetentionSeconds: number;
  /** Bytes of body and attributes together. */
  readonly maxMessageSize: number;
  /** A message received this often without being deleted goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** An older message raises the alarm. */
  readonly maxAgeSeconds: number;
  readonly ageAlarm: Pick<AlarmArgs, "meaning" | "runbook">;
  readonly senders?: readonly QueueSender[];
}

/** A standard queue, encrypted, with its dead-letter queue. */
export class DeadLetteredQueue extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly deadLetterQueue: FailureQueue;

  constructor(name: string, args: DeadLetteredQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:DeadLetteredQueue", name, {}, opts);
    const { key, protect, alarms, senders = [] } = args;
    this.deadLetterQueue = new FailureQueue(
      `${name}-dead-letters`,
      { key, protect, alarms, senders },
      { parent: this },
    );
    const queue = new sqs.Queue(
      name,
      {
        visibilityTimeoutSeconds: args.visibilityTimeoutSeconds,
        messageRetentionSeconds: args.messageRetentionSeconds,
        maxMessageSize: args.maxMessageSize,
        receiveWaitTimeSeconds: 20,
        kmsMasterKeyId: key.arn,
        kmsDataKeyReusePeriodSeconds: KMS_DATA_KEY_REUSE_SECONDS,
      },
      { parent: this, protect },
    );
    queuePolicy(name, queue, senders, { parent: this });
    this.redrive(name, queue, args.maxReceiveCount);
    this.arn = queue.arn;
    this.name = queue.name;
    this.url = queue.url;
    alarm(
      `${name}-oldest-message`,
      {
        alarms,
        metric: this.metric("ApproximateAgeOfOldestMessage"),
        statistic: "Maximum",
        above: args.maxAgeSeconds,
        window: LASTING,
        ...args.ageAlarm,
      },
      { parent: this },
    );
    this.registerOutputs({ arn: this.arn, name: this.name, url: this.url });
  }

  /** A metric that SQS keeps of the queue. */
  metric(name: string): Metric {
    return queueMetric(name, this.name);
  }

  /** As resources of their own: each queue names the other. */
  private redrive(name: string, queue: sqs.Queue, maxReceiveCount: number): void {
    const { arn, url } = this.deadLetterQueue;
    new sqs.RedrivePolicy(
      name,
      {
        queueUrl: queue.url,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: arn, maxReceiveCount }),
      },
      { parent: this },
    );
    new sqs.RedriveAllowPolicy(
      name,
      {
        queueUrl: url,
        redriveAllowPolicy: pulumi.jsonStringify({
          redrivePermission: "byQueue",
          sourceQueueArns: [queue.arn],
        }),
      },
      { parent: this },
    );
  }
}
