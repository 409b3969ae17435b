import type { RawResource } from "../../local/engine/recorded";
import { setting, without, type MutationRule } from "./mutation";
import { TYPES } from "./resources";

const isOfStream = ({ inputs }: RawResource) => inputs["startingPosition"] !== undefined;

/** Takes a property from each stream mapping, and sets it to wrong values. */
function losing(policy: string, property: string, values: readonly unknown[] = []): MutationRule[] {
  return [
    without(policy, TYPES.mapping, property, isOfStream),
    setting(policy, TYPES.mapping, property, values, isOfStream),
  ];
}

export const streamFailureMutations: readonly MutationRule[] = [
  ...losing("lambda-stream-on-failure-destination", "destinationConfig", [{}]),
  ...losing("lambda-stream-on-failure-destination", "destinationConfig.onFailure", [{}]),
  ...losing("lambda-stream-on-failure-destination", "destinationConfig.onFailure.destinationArn", [""]),
  ...losing("lambda-stream-bounded-retries", "maximumRetryAttempts", [-1, 10_000]),
  ...losing("lambda-stream-bounded-retries", "maximumRecordAgeInSeconds", [-1, 86_400]),
  ...losing("lambda-stream-bisect", "bisectBatchOnFunctionError", [false]),
];
