import * as z from "zod";
import { parseArn } from "../../aws/arn";
import { hosting } from "../../aws/hosting";
import type { Resource } from "../../aws/resource";

/** How long and how often Lambda tries an event that it has accepted, and who is told when it gives up. */
export interface AsyncSettings {
  readonly maximumRetries: number;
  readonly maximumAgeMs: number;
  /** The ARN of the queue that gets the record of an event that is given up. */
  readonly failureQueueArn: string | undefined;
}

const LONGEST_AGE_SECONDS = 21_600;
const MOST_RETRIES = 2;

/** Of a function without a configuration (Lambda Developer Guide, "Asynchronous invocation error handling"). */
export const DEFAULT_ASYNC_SETTINGS: AsyncSettings = {
  maximumRetries: MOST_RETRIES,
  maximumAgeMs: LONGEST_AGE_SECONDS * 1000,
  failureQueueArn: undefined,
};

const isQueue = (arn: string) => arn.startsWith("arn:") && parseArn(arn).service === "sqs";

const inputs = z.strictObject({
  region: z.string().optional(),
  functionName: z.string(),
  qualifier: z.literal("$LATEST", "versions and aliases are not hosted").optional(),
  maximumRetryAttempts: z.number().int().min(0).max(MOST_RETRIES).default(MOST_RETRIES),
  maximumEventAgeInSeconds: z.number().int().min(60).max(LONGEST_AGE_SECONDS).default(LONGEST_AGE_SECONDS),
  destinationConfig: z
    .strictObject({
      onFailure: z
        .strictObject({ destination: z.string().refine(isQueue, "must be the ARN of an SQS queue") })
        .optional(),
    })
    .optional(),
});

/**
 * Makes the host of `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig`.
 *
 * @param configure gives the settings to a function by its name or ARN
 */
export function hostingEventInvokeConfig(
  configure: (functionName: string, settings: AsyncSettings) => void,
): (resource: Resource) => void {
  return hosting(inputs, (given) =>
    configure(given.functionName, {
      maximumRetries: given.maximumRetryAttempts,
      maximumAgeMs: given.maximumEventAgeInSeconds * 1000,
      failureQueueArn: given.destinationConfig?.onFailure?.destination,
    }),
  );
}
