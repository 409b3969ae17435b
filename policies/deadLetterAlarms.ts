import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import { deadLetterQueues } from "./lib/deadLetterQueues";
import { hasMessageAlarm } from "./lib/queueAlarms";

const deadLetterQueueAlarm: StackValidationPolicy = {
  name: "sqs-dead-letter-queue-alarm",
  description: "Somebody is told when a message arrives in a dead-letter queue.",
  configSchema: {
    properties: {
      maximumDelaySeconds: {
        type: "integer",
        default: 3_600,
        description: "How long a message may lie there before the alarm goes off, in seconds.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { maximumDelaySeconds } = stack.getConfig<{ readonly maximumDelaySeconds: number }>();
    for (const queue of deadLetterQueues(stack)) {
      if (hasMessageAlarm(stack, queue, maximumDelaySeconds)) continue;
      report(
        `Failure queue "${queue.name}" has no alarm: what ends there stays unknown until it expires. Add an ` +
          "aws.cloudwatch.MetricAlarm with alarmActions on the metric ApproximateNumberOfMessagesVisible of AWS/SQS, the " +
          `dimension QueueName, GreaterThanThreshold 0 (statistic Maximum), within ${maximumDelaySeconds} s.`,
        queue.urn,
      );
    }
  },
};

/** Nothing fails unnoticed. */
export const deadLetterAlarmPolicies: Policies = [deadLetterQueueAlarm];
