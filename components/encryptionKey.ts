import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { policyDocument, type PolicyStatement } from "./iam";

export interface EncryptionKeyArgs {
  readonly account: Account;
  /** Whether `pulumi destroy` refuses to delete it, and AWS waits 30 days instead of 7. */
  readonly protect: boolean;
}

/** The services that use the key on a caller's behalf. */
export type KeyUser = "dynamodb" | "sns" | "sqs";

/**
 * The stack's one customer-managed key, for queues, the table, the topic, log groups and functions' environments.
 *
 * Its policy leaves the account's principals to IAM, and names the services that come by themselves: SNS, which
 * delivers to encrypted queues, CloudWatch, whose alarms publish to an encrypted topic, EventBridge Scheduler, and
 * CloudWatch Logs.
 */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  private readonly account: Account;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:EncryptionKey", name, {}, opts);
    this.account = args.account;
    const key = new kms.Key(
      name,
      {
        description: "Encrypts orders at rest: queues, table, topic and logs.",
        enableKeyRotation: true,
        deletionWindowInDays: args.protect ? 30 : 7,
        policy: policyDocument(keyPolicy(args.account)),
      },
      { parent: this, protect: args.protect },
    );
    new kms.Alias(
      name,
      { name: `alias/${pulumi.getProject()}-${pulumi.getStack()}`, targetKeyId: key.keyId },
      { parent: this },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }

  /**
   * Lets a role use the key through one service and for nothing else.
   *
   * @param actions such as `kms:Decrypt`
   */
  allowThrough(service: KeyUser, actions: readonly string[]): PolicyStatement {
    return {
      Effect: "Allow",
      Action: actions,
      Resource: this.arn,
      Condition: {
        StringEquals: {
          "kms:ViaService": pulumi.interpolate`${service}.${this.account.region}.amazonaws.com`,
        },
      },
    };
  }

  /** What a sender needs of the key of an encrypted queue or topic (SQS and SNS Developer Guides, key management). */
  allowSending(service: "sns" | "sqs"): PolicyStatement {
    return this.allowThrough(service, ["kms:GenerateDataKey", "kms:Decrypt"]);
  }
}

/** A key's policy speaks of the key it is on, hence `Resource: "*"`. */
function keyPolicy({ id, region }: Account): PolicyStatement[] {
  return [
    {
      Sid: "LeaveToIam",
      Effect: "Allow",
      Principal: { AWS: pulumi.interpolate`arn:aws:iam::${id}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    // A condition on the topic's ARN would make a cycle: the topic names the key.
    sendEncrypted("DeliverToEncryptedQueues", "sns", id),
    // SNS Developer Guide, key management, event sources and encrypted topics.
    sendEncrypted("PublishAlarms", "cloudwatch", id),
    // EventBridge Scheduler User Guide, troubleshooting, encrypted dead-letter queues.
    sendEncrypted("SendToEncryptedDeadLetterQueues", "scheduler", id),
    {
      Sid: "EncryptLogGroups",
      Effect: "Allow",
      Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:aws:logs:${region}:${id}:log-group:*`,
        },
      },
    },
  ];
}

/** Lets a service that comes by itself bring messages to the account's encrypted queues and topics. */
function sendEncrypted(Sid: string, service: string, accountId: pulumi.Output<string>): PolicyStatement {
  return {
    Sid,
    Effect: "Allow",
    Principal: { Service: `${service}.amazonaws.com` },
    Action: ["kms:GenerateDataKey", "kms:Decrypt"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
