import type { Given } from "./check";

/** Queues and redrive policies as tests write them down. */
export const arnOf = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
const urlOf = (name: string) => `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}`;

export function queue(name: string, props: Given["props"] = {}): Given {
  return { type: "aws:sqs/queue:Queue", name, props: { arn: arnOf(name), url: urlOf(name), ...props } };
}

export function redriveText(target: string, maxReceiveCount: unknown = 5): string {
  return JSON.stringify({ deadLetterTargetArn: arnOf(target), maxReceiveCount });
}

/** What makes an alarm tell of one message in a queue. */
export const onFirstMessage = (QueueName: string) => ({
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName },
  statistic: "Maximum",
  period: 60,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
  alarmActions: ["arn:aws:sns:eu-west-1:123456789012:operators"],
});

export function messageAlarm(queueName: string): Given {
  const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
  return { type, name: `${queueName}-not-empty`, props: onFirstMessage(queueName) };
}

/** A redrive policy that the program made of both queues. */
export function redrive(source: string, target: string, redrivePolicy: unknown = redriveText(target)): Given {
  return {
    type: "aws:sqs/redrivePolicy:RedrivePolicy",
    name: `${source}-redrive`,
    props: { queueUrl: urlOf(source), redrivePolicy },
    madeOf: { queueUrl: [source], redrivePolicy: [target] },
  };
}
