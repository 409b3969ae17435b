import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import type { EncryptionKey } from "./encryptionKey";
import { allow, denyPlainHttp, policyDocument, type PolicyStatement } from "./iam";

export interface OrderEventsArgs {
  readonly key: EncryptionKey;
}

/** Hop 7: the topic that every downstream service's queue is subscribed to. */
export class OrderEvents extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  private readonly key: EncryptionKey;

  constructor(name: string, args: OrderEventsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:OrderEvents", name, {}, opts);
    this.key = args.key;
    const topic = new sns.Topic(name, { kmsMasterKeyId: args.key.arn }, { parent: this });
    new sns.TopicPolicy(
      name,
      { arn: topic.arn, policy: policyDocument([denyPlainHttp("sns:Publish", topic.arn)]) },
      { parent: this },
    );
    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }

  /** Lets a role publish events. */
  allowPublish(): PolicyStatement[] {
    return [allow(["sns:Publish"], this.arn), this.key.allowSending("sns")];
  }
}
