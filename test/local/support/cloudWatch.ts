import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { CloudWatch } from "../../../local/cloudwatch/cloudWatch";
import type { Authorizer } from "../../../local/aws/authorizer";
import type { Resource } from "../../../local/aws/resource";
import { allowAll } from "./authorizer";
import { serve } from "./endpoint";
import { host as hostMessaging, type Messaging, REGION, topicArn } from "./messaging";
import { host, resource } from "./resource";

const MINUTE_MS = 60_000;

export const alarmArn = (name: string) => `arn:aws:cloudwatch:${REGION}:123456789012:alarm:${name}`;

/** An alarm that is on while there is a message in the queue `dead`; it tells the topic `events`. */
export const alarm = (name: string, inputs: Record<string, unknown> = {}) =>
  resource(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    name,
    {
      alarmDescription: "Messages wait.",
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "dead" },
      statistic: "Maximum",
      period: 60,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [topicArn("events")],
      okActions: [topicArn("events")],
      ...inputs,
    },
    { name, arn: alarmArn(name) },
  );

/** CloudWatch beside real queues and topics, and the SDK's client of it. */
export class CloudWatchFixture {
  private constructor(
    readonly messaging: Messaging,
    readonly client: CloudWatchClient,
    /** What the run itself would be told of; a test expects none. */
    readonly faults: readonly unknown[],
    private readonly close: () => Promise<void>,
  ) {}

  /** @param resources queues, topics and alarms */
  static async start(
    resources: readonly Resource[] = [],
    iam: Authorizer = allowAll,
  ): Promise<CloudWatchFixture> {
    const isAlarm = ({ type }: Resource) => type.startsWith("aws:cloudwatch/");
    const messaging = hostMessaging(resources.filter((one) => !isAlarm(one)));
    const { clock, metrics, sns, sqs } = messaging;
    const faults: unknown[] = [];
    const cloudWatch = new CloudWatch({
      clock,
      iam,
      metrics,
      sns,
      measure: (at) => sqs.measure(at),
      onFault: (error) => faults.push(error),
    });
    for (const one of resources.filter(isAlarm)) await host(cloudWatch, one);
    // On the minute, so that each minute of a test is a whole one.
    clock.advance(MINUTE_MS - (clock.now() % MINUTE_MS));
    cloudWatch.start();
    const served = await serve({ cloudwatch: cloudWatch });
    return new CloudWatchFixture(messaging, new CloudWatchClient(served.client), faults, async () => {
      await served.close();
      await cloudWatch.stop();
      await messaging.stop();
    });
  }

  /** Lets minutes pass, one after the other. */
  async minutes(count = 1): Promise<void> {
    for (let minute = 0; minute < count; minute++) {
      this.messaging.clock.advance(MINUTE_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async alarm(name: string): Promise<MetricAlarm> {
    const { MetricAlarms = [] } = await this.client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    const [found] = MetricAlarms;
    if (found === undefined) throw new Error(`There is no alarm ${name}.`);
    return found;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.close();
  }
}
