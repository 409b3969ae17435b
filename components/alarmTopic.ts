import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { encryptedTopic } from "./encryptedTopic";
import type { EncryptionKey } from "./encryptionKey";
import { FailureQueue } from "./failureQueue";
import type { PolicyStatement } from "./iam";

export interface AlarmTopicArgs {
  readonly account: Account;
  readonly key: EncryptionKey;
  readonly protect: boolean;
  /** Who is told by e-mail, once they have confirmed it; empty tells nobody. */
  readonly email: string;
}

/** Where the stack's alarms go: a topic that e-mail, a chat or a pager can be subscribed to. */
export class AlarmTopic extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Every alarm that tells it. */
  readonly alarmArns: pulumi.Output<string>[] = [];
  /** What could not be e-mailed; none without an e-mail address. */
  readonly failureQueue: FailureQueue | undefined;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:AlarmTopic", name, {}, opts);
    const { account, key, email } = args;
    const topic = encryptedTopic(
      name,
      {
        key,
        displayName: `Alarms of ${pulumi.getProject()}-${pulumi.getStack()}`,
        publishers: (topicArn) => [allowAlarms(account, topicArn)],
      },
      { parent: this },
    );
    this.arn = topic.arn;
    if (email !== "") this.failureQueue = this.subscribe(name, args);
    this.registerOutputs({ arn: this.arn });
  }

  /**
   * A subscription of any protocol may have a dead-letter queue; e-mail is tried again for six hours first (SNS
   * Developer Guide, dead-letter queues and delivery retries).
   */
  private subscribe(name: string, { key, protect, email }: AlarmTopicArgs): FailureQueue {
    const failures = new FailureQueue(
      `${name}-undelivered`,
      { key, protect, alarms: this, senders: [{ service: "sns.amazonaws.com", sourceArn: this.arn }] },
      { parent: this },
    );
    new sns.TopicSubscription(
      name,
      {
        topic: this.arn,
        protocol: "email",
        endpoint: email,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: failures.arn }),
      },
      { parent: this, dependsOn: [failures] },
    );
    return failures;
  }
}

/** Lets the account's alarms publish, and nobody else's (SNS Developer Guide, example cases for access control). */
function allowAlarms({ id, region }: Account, topicArn: pulumi.Output<string>): PolicyStatement {
  return {
    Sid: "PublishAlarms",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: {
      StringEquals: { "aws:SourceAccount": id },
      ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:aws:cloudwatch:${region}:${id}:alarm:*` },
    },
  };
}
