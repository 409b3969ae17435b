import * as pulumi from "@pulumi/pulumi";
import { alarm, anyOf, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import { encryptedTopic } from "./encryptedTopic";
import type { EncryptionKey } from "./encryptionKey";
import { allow, type PolicyStatement } from "./iam";

export interface OrderEventsArgs {
  readonly key: EncryptionKey;
  readonly alarms: AlarmTopic;
}

/** Hop 7: the topic that every downstream service's queue is subscribed to. */
export class OrderEvents extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  private readonly key: EncryptionKey;
  private readonly name: pulumi.Output<string>;

  constructor(name: string, args: OrderEventsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:OrderEvents", name, {}, opts);
    this.key = args.key;
    const topic = encryptedTopic(name, { key: args.key }, { parent: this });
    this.arn = topic.arn;
    this.name = topic.name;
    this.watch(name, args.alarms);
    this.registerOutputs({ arn: this.arn });
  }

  /** Lets a role publish events. */
  allowPublish(): PolicyStatement[] {
    return [allow(["sns:Publish"], this.arn), this.key.allowSending("sns")];
  }

  /** A metric that SNS keeps of the topic. */
  metric(name: string): Metric {
    return { namespace: "AWS/SNS", name, dimensions: { TopicName: this.name } };
  }

  /** SNS has tried again by itself before it counts one, for as long as 23 days with a queue of AWS. */
  private watch(name: string, alarms: AlarmTopic): void {
    alarm(
      `${name}-failed`,
      anyOf({
        alarms,
        metric: this.metric("NumberOfNotificationsFailed"),
        meaning: "An order event could not be delivered to a downstream queue.",
        runbook: "notifications-failed",
      }),
      { parent: this },
    );
    alarm(
      `${name}-lost`,
      anyOf({
        alarms,
        metric: this.metric("NumberOfNotificationsFailedToRedriveToDlq"),
        meaning:
          "An order event reached neither a downstream queue nor its dead-letter queue: it must be published again.",
        runbook: "notifications-lost",
      }),
      { parent: this },
    );
  }
}
