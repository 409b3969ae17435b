import * as pulumi from "@pulumi/pulumi";

const WEEK_SECONDS = 604_800;

/** A queue; of the SDK's own classes, because @pulumi/aws takes a second to load. */
class Queue extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;
  declare readonly url: pulumi.Output<string>;

  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions = {}) {
    super("aws:sqs/queue:Queue", name, { arn: undefined, url: undefined, ...props }, opts);
  }
}

class Work extends pulumi.ComponentResource {
  readonly queue: Queue;

  constructor(name: string, props: pulumi.Inputs) {
    super("sample:index:Work", name, {});
    const opts = { parent: this, protect: true, customTimeouts: { create: "1h30m" } };
    this.queue = new Queue(name, props, opts);
    this.registerOutputs({ url: this.queue.url });
  }
}

export = () => {
  const encrypted = new pulumi.Config().getBoolean("encrypted") ?? true;
  const key = encrypted ? { kmsMasterKeyId: pulumi.secret("alias/orders") } : {};
  const { queue } = new Work("work", { messageRetentionSeconds: WEEK_SECONDS, ...key });
  new Queue("short", {
    ...key,
    messageRetentionSeconds: 60,
    tags: { source: queue.arn },
    source: queue,
  });
  return { queueUrl: queue.url };
};
