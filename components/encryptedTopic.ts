import * as sns from "@pulumi/aws/sns";
import type * as pulumi from "@pulumi/pulumi";
import type { EncryptionKey } from "./encryptionKey";
import { denyPlainHttp, policyDocument, type PolicyStatement } from "./iam";

export interface EncryptedTopicArgs {
  readonly key: EncryptionKey;
  /** What e-mails name as their sender. */
  readonly displayName?: string;
  /** Lets services publish that come by themselves; the account's principals are left to IAM. */
  readonly publishers?: (topicArn: pulumi.Output<string>) => readonly PolicyStatement[];
}

/** A topic that is encrypted, and refuses what does not come over TLS. */
export function encryptedTopic(
  name: string,
  { key, displayName, publishers = () => [] }: EncryptedTopicArgs,
  opts: pulumi.ResourceOptions,
): sns.Topic {
  const topic = new sns.Topic(
    name,
    { kmsMasterKeyId: key.arn, ...(displayName !== undefined && { displayName }) },
    opts,
  );
  const statements = [denyPlainHttp("sns:Publish", topic.arn), ...publishers(topic.arn)];
  new sns.TopicPolicy(name, { arn: topic.arn, policy: policyDocument(statements) }, opts);
  return topic;
}
