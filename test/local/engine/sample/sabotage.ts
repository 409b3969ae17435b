import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkQueue } from "./workQueue";

/** Does one thing more, most often a wrong one: what the configuration asks for. */
export async function sabotage(work: WorkQueue): Promise<void> {
  switch (new pulumi.Config().get("sabotage")) {
    case "apply":
      work.queue.arn.apply(() => {
        throw new Error("this apply fails");
      });
      break;
    case "duplicate":
      new aws.sqs.Queue("twin");
      new aws.sqs.Queue("twin");
      break;
    case "hang":
      await new Promise(() => undefined);
      break;
    case "invoke":
      pulumi.runtime
        .invokeOutput<{ id: string }>("aws:ec2/getVpc:getVpc", {})
        .apply(({ id }) => new aws.sqs.Queue("of-vpc", { name: id }));
      break;
    case "never":
      new aws.sqs.Queue("never", { name: new Promise<string>(() => undefined) });
      break;
    case "read":
      aws.sqs.Queue.get("existing", "http://127.0.0.1:4000/123456789012/existing");
      break;
    case "throw":
      throw new Error("this program throws");
    case "transform":
      pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type === "aws:sqs/queue:Queue" ? { props: { ...props, tags: { team: "orders" } }, opts } : undefined,
      );
      new aws.sqs.Queue("tagged");
      break;
    case "type":
      new aws.s3.Bucket("unknown");
      break;
  }
}
