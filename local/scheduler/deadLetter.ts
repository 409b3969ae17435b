import type { AwsDocument } from "../aws/api";
import type { AwsError } from "../aws/error";
import { timeText, type Attempt } from "./attempt";
import type { ScheduleSettings } from "./scheduleSettings";

/** Which part of the retry policy was used up. */
export type ExhaustedRetryCondition = "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";

/** "In the following service ARN format": of the API that is called, not of the function. */
const TARGET_ARN = "arn:aws:scheduler:::aws-sdk:lambda:invoke";

/**
 * The message about an invocation that was given up, but for its queue: the input, and in attributes what went wrong
 * (User Guide, "Configuring a schedule's dead-letter queue").
 */
export function deadLetter(
  schedule: ScheduleSettings,
  { scheduledAt, number, executionId, input }: Attempt,
  error: AwsError,
  condition: ExhaustedRetryCondition,
): AwsDocument {
  const attributes = {
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    EXECUTION_ID: executionId,
    EXHAUSTED_RETRY_CONDITION: condition,
    // An input of at most 256 KB fits into any message.
    IS_PAYLOAD_TRUNCATED: "false",
    RETRY_ATTEMPTS: String(number - 1),
    SCHEDULED_TIME: timeText(scheduledAt),
    SCHEDULE_ARN: schedule.arn,
    TARGET_ARN,
  };
  return {
    MessageBody: input,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
    ),
  };
}
