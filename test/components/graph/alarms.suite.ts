import { readFileSync } from "node:fs";
import { join } from "node:path";
import { statementsOf, type RecordedStack } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

const SERVICES = ["fulfillment", "accounting", "inventory"];
const AT_ONCE = "1 of 1 min";
const LASTING = "3 of 5 min";

/** Every alarm of the stack: what it watches, when it is on, and the runbook's heading for it. */
const ALARMS: Readonly<Record<string, string>> = {
  "orders-server-errors": `AWS/ApiGateway 5XXError {"ApiName":"<apigateway.RestApi orders name>","Stage":"v1"} Average > 0.01, ${LASTING}: api-server-errors`,
  "orders-oldest-message": `AWS/SQS ApproximateAgeOfOldestMessage {"QueueName":"<sqs.Queue orders name>"} Maximum > 300, ${LASTING}: order-queue-falls-behind`,
  "process-orders-rejected": `order-service-dev OrdersRejected {"service":"process-orders"} Sum > 0, ${AT_ONCE}: orders-rejected`,
  ...Object.fromEntries(
    ["process-orders", "start-deliveries", "reconcile-deliveries"].flatMap((name) => [
      [`${name}-errors`, ofFunction(name, "Errors", "Sum > 0", "function-errors")],
      [`${name}-throttles`, ofFunction(name, "Throttles", "Sum > 0", "function-throttles")],
    ]),
  ),
  "start-deliveries-iterator-age": ofFunction(
    "start-deliveries",
    "IteratorAge",
    "Maximum > 300000",
    "stream-falls-behind",
  ),
  "reconcile-deliveries-undelivered": ofReconciler("UndeliveredOrders", "Maximum > 0"),
  "reconcile-deliveries-undelivered-age": ofReconciler("OldestUndeliveredAge", "Maximum > 3600"),
  "deliver-orders-executions-failed": ofMachine("ExecutionsFailed", "executions-failed"),
  "deliver-orders-executions-timed-out": ofMachine("ExecutionsTimedOut", "executions-timed-out"),
  "order-events-failed": ofTopic("NumberOfNotificationsFailed", "notifications-failed"),
  "order-events-lost": ofTopic("NumberOfNotificationsFailedToRedriveToDlq", "notifications-lost"),
  ...Object.fromEntries(
    SERVICES.map((name) => [
      `${name}-oldest-message`,
      `AWS/SQS ApproximateAgeOfOldestMessage {"QueueName":"<sqs.Queue ${name} name>"} Maximum > 86400, ${LASTING}: downstream-queue-not-read`,
    ]),
  ),
  ...Object.fromEntries(
    [
      "orders-dead-letters",
      "start-deliveries-failures",
      "delivery-failures",
      "reconcile-deliveries-failures",
      "reconcile-deliveries-schedule-failures",
      ...SERVICES.map((name) => `${name}-dead-letters`),
    ].map((name) => [
      `${name}-not-empty`,
      `AWS/SQS ApproximateNumberOfMessagesVisible {"QueueName":"<sqs.Queue ${name} name>"} Maximum > 0, ${AT_ONCE}: dead-letters`,
    ]),
  ),
};

function ofFunction(name: string, metric: string, bad: string, runbook: string): string {
  return `AWS/Lambda ${metric} {"FunctionName":"<lambda.Function ${name} name>"} ${bad}, ${LASTING}: ${runbook}`;
}

function ofReconciler(metric: string, bad: string): string {
  return `order-service-dev ${metric} {"service":"reconcile-deliveries"} ${bad}, 1 of 10 min: orders-undelivered`;
}

function ofMachine(metric: string, runbook: string): string {
  return `AWS/States ${metric} {"StateMachineArn":"<sfn.StateMachine deliver-orders arn>"} Sum > 0, ${AT_ONCE}: ${runbook}`;
}

function ofTopic(metric: string, runbook: string): string {
  return `AWS/SNS ${metric} {"TopicName":"<sns.Topic order-events name>"} Sum > 0, ${AT_ONCE}: ${runbook}`;
}

/** Who is told when a hop goes wrong. It does not prove that AWS publishes the metrics under these names. */
export function describeAlarms(dev: () => RecordedStack, prod: () => RecordedStack): void {
  const names = (stack: RecordedStack, type: string) => stack.all(type).map(({ name }) => name);

  describe("the alarms", () => {
    test("watch every hop and every failure queue, in dev and in prod", () => {
      expect(names(dev(), "cloudwatch.MetricAlarm").sort()).toEqual(Object.keys(ALARMS).sort());
      expect(names(prod(), "cloudwatch.MetricAlarm").sort()).toEqual(Object.keys(ALARMS).sort());
    });

    test.each(Object.entries(ALARMS))("%s is on for %s", (name, expected) => {
      const alarm = new Symbols(dev()).in(dev().inputs("cloudwatch.MetricAlarm", name));
      const { namespace, metricName, dimensions, statistic, threshold } = alarm;
      const window = `${String(alarm["datapointsToAlarm"])} of ${String(alarm["evaluationPeriods"])} min`;
      const runbook = String(alarm["alarmDescription"]).split("Runbook: docs/operations.md#")[1];
      expect(
        `${String(namespace)} ${String(metricName)} ${JSON.stringify(dimensions)} ${String(statistic)} > ${String(threshold)}, ${window}: ${runbook}`,
      ).toBe(expected);
    });

    test("have a heading in the runbook each, and the runbook has no other", () => {
      const text = readFileSync(join(__dirname, "../../../docs/operations.md"), "utf8");
      const runbook = /^## Runbook$(.*?)^## /ms.exec(text)?.[1] ?? "";
      const headings = [...runbook.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
      const named = Object.values(ALARMS).map((alarm) => alarm.split(": ").at(-1));
      expect(headings.sort()).toEqual([...new Set(named)].sort());
    });

    test("tell the alarm topic when they begin and end, and take silence for health", () => {
      const topic = dev().arn("sns.Topic", "alarms");
      for (const { inputs } of dev().all("cloudwatch.MetricAlarm"))
        expect(inputs).toMatchObject({
          period: 60,
          comparisonOperator: "GreaterThanThreshold",
          treatMissingData: "notBreaching",
          alarmActions: [topic],
          okActions: [topic],
          alarmDescription: expect.stringMatching(/^[A-Z][^.]+\. Runbook: /) as unknown,
        });
    });

    test("go to an encrypted topic, which names the stack", () => {
      expect(new Symbols(dev()).in(dev().inputs("sns.Topic", "alarms"))).toEqual({
        kmsMasterKeyId: "<kms.Key orders arn>",
        displayName: "Alarms of order-service-dev",
      });
    });

    test("may be published by this account's alarms, over TLS, and by nobody else", () => {
      const { policy, arn } = dev().inputs("sns.TopicPolicy", "alarms");
      const topic = dev().arn("sns.Topic", "alarms");
      expect(arn).toBe(topic);
      expect(statementsOf(policy)).toEqual([
        expect.objectContaining({ Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: topic }),
        {
          Sid: "PublishAlarms",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topic,
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*" },
          },
        },
      ]);
    });

    test("are e-mailed to nobody unless the configuration names an address", () => {
      expect(
        dev()
          .all("sns.TopicSubscription")
          .map(({ inputs }) => inputs["protocol"]),
      ).toEqual(["sqs", "sqs", "sqs"]);
    });
  });
}
