import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface WorkQueueArgs {
  readonly retentionDays: number;
  readonly token: pulumi.Input<string>;
}

/** A queue, its dead-letter queue, and a function that is given a secret. */
export class WorkQueue extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly worker: aws.lambda.Function;

  constructor(name: string, args: WorkQueueArgs, options?: pulumi.ComponentResourceOptions) {
    super("sample:index:WorkQueue", name, {}, options);
    const retention = { messageRetentionSeconds: args.retentionDays * 86_400 };
    const deadLetters = new aws.sqs.Queue(`${name}-dead`, retention, { parent: this, protect: true });
    this.queue = new aws.sqs.Queue(
      name,
      { redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 5 }) },
      { parent: this },
    );
    const trust = aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
        },
      ],
    });
    const role = new aws.iam.Role(`${name}-worker`, { assumeRolePolicy: trust.json }, { parent: this });
    this.worker = new aws.lambda.Function(
      `${name}-worker`,
      {
        role: role.arn,
        runtime: "nodejs22.x",
        handler: "index.handler",
        code: new pulumi.asset.AssetArchive({
          "index.js": new pulumi.asset.StringAsset("exports.handler = () => 1;"),
        }),
        environment: { variables: { TOKEN: args.token, QUEUE_URL: this.queue.url } },
      },
      { parent: this, dependsOn: [deadLetters] },
    );
    this.registerOutputs({ queueUrl: this.queue.url, token: args.token });
  }
}
