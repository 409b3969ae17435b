import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { sabotage } from "./sabotage";
import { WorkQueue } from "./workQueue";

export = async () => {
  const config = new pulumi.Config();
  const subscribers = config.requireObject<string[]>("subscribers");
  const { accountId } = await aws.getCallerIdentity();
  const work = new WorkQueue("work", {
    retentionDays: config.requireNumber("retentionDays"),
    token: pulumi.secret("hunter2"),
  });
  // Registered by an apply: the run has to wait for it although nobody else does.
  work.queue.arn.apply((arn) => new aws.sns.Topic("late", { displayName: arn }));
  for (const subscriber of subscribers) new aws.cloudwatch.LogGroup(subscriber, { retentionInDays: 30 });
  await sabotage(work);
  return { accountId, queueUrl: work.queue.url, workerArn: work.worker.arn, token: pulumi.secret("hunter2") };
};
