import type { RawResource } from "../../local/engine/recorded";
import { adding, removing, setting, without, type MutationRule, type Properties } from "./mutation";
import { outputOf, TYPES } from "./resources";

const POLICY = "lambda-asynchronous-failure-destination";
const DEAD_ARN = "arn:aws:sqs:eu-west-1:123456789012:dead";

/** What invokes a function asynchronously: a type, and its properties when the function has an ARN. */
const INVOKERS: readonly (readonly [type: string, properties: (arn: string) => Properties])[] = [
  [
    "aws:cloudwatch/eventTarget:EventTarget",
    (arn) => ({ rule: "r", arn, deadLetterConfig: { arn: DEAD_ARN } }),
  ],
  ["aws:scheduler/schedule:Schedule", (arn) => ({ target: { arn, deadLetterConfig: { arn: DEAD_ARN } } })],
  [
    TYPES.subscription,
    (arn) => ({
      protocol: "lambda",
      endpoint: arn,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_ARN }),
    }),
  ],
  [
    "aws:s3/bucketNotification:BucketNotification",
    (arn) => ({ lambdaFunctions: [{ lambdaFunctionArn: arn }] }),
  ],
  ...["events", "s3", "sns", "scheduler", "logs", "iot", "ses"].map(
    (service) =>
      [
        "aws:lambda/permission:Permission",
        (arn: string) => ({ function: arn, principal: `${service}.amazonaws.com` }),
      ] as const,
  ),
];

const INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

/** Each function of the graph that says nothing of its failures, invoked by each of them. */
const invokedAsWell: readonly MutationRule[] = INVOKERS.map(
  ([type, properties]) =>
    (graph: readonly RawResource[]) =>
      graph
        .filter((resource) => resource.type === TYPES.function && !hasInvokeConfig(graph, resource))
        .flatMap((handler) =>
          adding(POLICY, type, `invokes-${handler.name}`, properties(outputOf(handler, "arn")))(graph),
        ),
);

/** Each function says where its failures go, or does not. */
export const asynchronousFunctionMutations: readonly MutationRule[] = [
  removing(POLICY, INVOKE_CONFIG),
  without(POLICY, INVOKE_CONFIG, "destinationConfig"),
  without(POLICY, INVOKE_CONFIG, "destinationConfig.onFailure"),
  setting(POLICY, INVOKE_CONFIG, "destinationConfig.onFailure.destination", [""]),
  setting(POLICY, INVOKE_CONFIG, "functionName", ["another"]),
  ...invokedAsWell,
];

function hasInvokeConfig(graph: readonly RawResource[], handler: RawResource): boolean {
  return graph.some(
    ({ type, inputs }) => type === INVOKE_CONFIG && inputs["functionName"] === outputOf(handler, "name"),
  );
}
