import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import type { EncryptionKey } from "./encryptionKey";

export interface LogGroupArgs {
  readonly key: EncryptionKey;
  readonly retentionDays: number;
  readonly protect: boolean;
  /** Where the service asks for a certain name; otherwise Pulumi names the group. */
  readonly namePrefix?: string;
}

/** An encrypted log group that forgets after its retention. */
export function logGroup(
  name: string,
  args: LogGroupArgs,
  opts: pulumi.ResourceOptions,
): cloudwatch.LogGroup {
  return new cloudwatch.LogGroup(
    name,
    {
      ...(args.namePrefix !== undefined && { namePrefix: args.namePrefix }),
      retentionInDays: args.retentionDays,
      kmsKeyId: args.key.arn,
    },
    { ...opts, protect: args.protect },
  );
}
