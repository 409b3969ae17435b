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

/** An alarm that tells of one message in a queue. */
export function messageAlarm(queueName: string): Given {
  return {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name: `${queueName}-not-empty`,
    props: {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queueName },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      alarmActions: ["arn:aws:sns:eu-west-1:123456789012:operators"],
    },
  };
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
