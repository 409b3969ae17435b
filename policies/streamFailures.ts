import * as lambda from "@pulumi/aws/lambda";
import { validateResourceOfType, type Policies, type ResourceValidationPolicy } from "@pulumi/policy";
import { readsStream } from "./lib/streamMappings";

/*
 * A record that fails holds up its shard: it is retried, in order, until it succeeds, is given up, or expires (Lambda
 * Developer Guide, "Process Amazon DynamoDB records with Lambda" and "Lambda parameters for Amazon DynamoDB event source
 * mappings").
 */

const onFailureDestination: ResourceValidationPolicy = {
  name: "lambda-stream-on-failure-destination",
  description: "A stream mapping says where the records go that it gives up.",
  validateResource: validateResourceOfType(lambda.EventSourceMapping, (mapping, { name }, report) => {
    if (!readsStream(mapping) || mapping.destinationConfig?.onFailure?.destinationArn) return;
    report(
      `Stream mapping "${name}" has no on-failure destination: records that it gives up leave no trace. Set ` +
        "destinationConfig.onFailure.destinationArn to the ARN of a queue.",
    );
  }),
};

const boundedRetries: ResourceValidationPolicy = {
  name: "lambda-stream-bounded-retries",
  description: "A stream mapping gives up a record after some attempts, and before the record is too old.",
  configSchema: {
    properties: {
      maximumRetryAttempts: {
        type: "integer",
        default: 100,
        description: "The most retries of a batch; AWS takes up to 10,000.",
      },
      maximumRecordAgeSeconds: {
        type: "integer",
        default: 43_200,
        description:
          "The greatest age of a record that is still tried. What goes to a queue only says where in the stream the " +
          "record is, and DynamoDB keeps it there for 24 hours: half of them are left to fetch it.",
      },
    },
  },
  validateResource: validateResourceOfType(lambda.EventSourceMapping, (mapping, args, report) => {
    if (!readsStream(mapping)) return;
    const most = args.getConfig<{ maximumRetryAttempts: number; maximumRecordAgeSeconds: number }>();
    const { maximumRetryAttempts: attempts, maximumRecordAgeInSeconds: ageSeconds } = mapping;
    if (!isBounded(attempts, 0, most.maximumRetryAttempts))
      report(
        `Stream mapping "${args.name}" tries a failing batch ${asText(attempts, "times")}: it holds up its shard all the ` +
          `while. Set maximumRetryAttempts to ${most.maximumRetryAttempts} or less.`,
      );
    if (!isBounded(ageSeconds, 60, most.maximumRecordAgeSeconds))
      report(
        `Stream mapping "${args.name}" tries a failing record for ${asText(ageSeconds, "s")}: it can expire in the stream ` +
          "before somebody fetches it. Set maximumRecordAgeInSeconds to " +
          `${most.maximumRecordAgeSeconds} or less.`,
      );
  }),
};

const bisect: ResourceValidationPolicy = {
  name: "lambda-stream-bisect",
  description:
    "A stream mapping splits a failing batch, so that one bad record does not take the others with it.",
  validateResource: validateResourceOfType(lambda.EventSourceMapping, (mapping, { name }, report) => {
    if (!readsStream(mapping) || mapping.bisectBatchOnFunctionError === true) return;
    report(
      `Stream mapping "${name}" gives up a failing batch as a whole: one bad record takes good ones with it. Set ` +
        "bisectBatchOnFunctionError to true.",
    );
  }),
};

/** No record of a stream is lost because one could not be processed. */
export const streamFailurePolicies: Policies = [onFailureDestination, boundedRetries, bisect];

/** -1, and nothing, mean for ever. */
function isBounded(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}

function asText(value: number | undefined, unit: string): string {
  return value === undefined || value < 0 ? `without end` : `${value} ${unit}`;
}
