import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import type { AlarmTopic } from "./alarmTopic";
import type { DownstreamService } from "./config";
import { DeadLetteredQueue } from "./deadLetteredQueue";
import type { EncryptionKey } from "./encryptionKey";
import { allowSender, FailureQueue, type QueueSender } from "./failureQueue";
import type { PolicyStatement } from "./iam";
import type { OrderEvents } from "./orderEvents";
import { QUEUE_RETENTION_SECONDS } from "./orderQueue";

/** A day: it leaves three until SQS drops the first event, which no dead-letter queue takes. */
const AGE_ALARM_SECONDS = QUEUE_RETENTION_SECONDS / 4;

export interface DownstreamQueueArgs {
  readonly account: Account;
  readonly key: EncryptionKey;
  readonly events: OrderEvents;
  readonly service: DownstreamService;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/**
 * Hop 8: the queue of one downstream service, subscribed to the order events.
 *
 * Either the stack's own, or a queue that the service's team brings: that one the stack leaves as it is, and
 * `ownerMustAdd` says what its policies must allow.
 */
export class DownstreamQueue extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  /** The stack's own; none where the service's team brings one. */
  readonly queue: DeadLetteredQueue | undefined;
  /** Of the subscription, and of the stack's own queue. */
  readonly deadLetterQueue: FailureQueue;
  /** Statements for the policies of a queue that the stack does not own, and of its key. */
  readonly ownerMustAdd:
    { readonly queuePolicy: PolicyStatement; readonly keyPolicy: PolicyStatement } | undefined;

  constructor(name: string, args: DownstreamQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:DownstreamQueue", name, {}, opts);
    const topic: QueueSender = { service: "sns.amazonaws.com", sourceArn: args.events.arn };
    const { queueArn } = args.service;
    if (queueArn === undefined) {
      const queue = this.ownQueue(name, args, topic);
      this.queue = queue;
      this.url = queue.url;
      this.deadLetterQueue = queue.deadLetterQueue;
      this.subscribe(name, args, queue.arn, [queue]);
    } else {
      this.url = pulumi.output(queueUrl(queueArn));
      this.deadLetterQueue = new FailureQueue(
        `${name}-dead-letters`,
        { key: args.key, protect: args.protect, alarms: args.alarms, senders: [topic] },
        { parent: this },
      );
      this.ownerMustAdd = ownerMustAdd(queueArn, topic, args.account);
      this.subscribe(name, args, queueArn, [this.deadLetterQueue]);
    }
    this.registerOutputs({ url: this.url });
  }

  private ownQueue(name: string, args: DownstreamQueueArgs, topic: QueueSender): DeadLetteredQueue {
    return new DeadLetteredQueue(
      name,
      {
        key: args.key,
        protect: args.protect,
        alarms: args.alarms,
        visibilityTimeoutSeconds: 180,
        messageRetentionSeconds: QUEUE_RETENTION_SECONDS,
        maxMessageSize: 262_144,
        maxReceiveCount: 5,
        maxAgeSeconds: AGE_ALARM_SECONDS,
        ageAlarm: {
          meaning: `The ${name} service has left order events unread for a day; after four days they are lost.`,
          runbook: "downstream-queue-not-read",
        },
        senders: [topic],
      },
      { parent: this },
    );
  }

  /** @param queues whose policies must be in force first: SNS does not try again what a policy refused */
  private subscribe(
    name: string,
    args: DownstreamQueueArgs,
    queueArn: pulumi.Input<string>,
    queues: pulumi.Resource[],
  ): void {
    const { filterPolicy } = args.service;
    new sns.TopicSubscription(
      name,
      {
        topic: args.events.arn,
        protocol: "sqs",
        endpoint: queueArn,
        // The queue's body is the event itself.
        rawMessageDelivery: true,
        ...(filterPolicy !== undefined && {
          filterPolicy: JSON.stringify(filterPolicy),
          filterPolicyScope: "MessageAttributes",
        }),
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: this.deadLetterQueue.arn }),
      },
      { parent: this, dependsOn: queues },
    );
  }
}

/** `arn:aws:sqs:REGION:ACCOUNT:NAME` as the queue's URL. */
function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(":");
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

function ownerMustAdd(queueArn: string, topic: QueueSender, account: Account) {
  return {
    queuePolicy: allowSender(topic, queueArn),
    keyPolicy: {
      Sid: "DeliverToEncryptedQueues",
      Effect: "Allow",
      Principal: { Service: topic.service },
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": account.id } },
    },
  } as const;
}
