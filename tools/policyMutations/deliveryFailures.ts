import { adding, editing, setting, without, type MutationRule } from "./mutation";
import { firstOf, outputOf, TYPES } from "./resources";

type Redrive = Readonly<Record<string, unknown>>;

const subscriptionRedrive = "sns-subscription-redrive-policy";
const QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:dead";

/** What is said of a dead-letter queue where it is missing. */
const NO_QUEUE = [undefined, {}, { arn: "" }];

export const deliveryFailureMutations: readonly MutationRule[] = [
  without(subscriptionRedrive, TYPES.subscription, "redrivePolicy"),
  setting(subscriptionRedrive, TYPES.subscription, "redrivePolicy", ["", "dead-letters", "{}"]),
  editing<Redrive>(subscriptionRedrive, TYPES.subscription, "redrivePolicy", (document) => [
    { what: "without deadLetterTargetArn", document: { ...document, deadLetterTargetArn: undefined } },
    { what: "empty deadLetterTargetArn", document: { ...document, deadLetterTargetArn: "" } },
  ]),
  eachUndeliveredToItself,
  ...["lambda", "https", "email", "sms"].map((protocol) =>
    adding(subscriptionRedrive, TYPES.subscription, `by-${protocol}`, { protocol, endpoint: "x" }),
  ),

  ...NO_QUEUE.map((deadLetterConfig) =>
    adding("scheduler-dead-letter-queue", "aws:scheduler/schedule:Schedule", "nightly", {
      scheduleExpression: "rate(1 day)",
      target: { arn: QUEUE_ARN, roleArn: "arn:aws:iam::123456789012:role/nightly", deadLetterConfig },
    }),
  ),
  ...NO_QUEUE.map((deadLetterConfig) =>
    adding(
      "eventbridge-target-dead-letter-queue",
      "aws:cloudwatch/eventTarget:EventTarget",
      "placed",
      (graph) => ({
        rule: "placed",
        arn: outputOf(firstOf(graph, TYPES.queue), "arn"),
        deadLetterConfig,
      }),
    ),
  ),
];

function eachUndeliveredToItself(graph: Parameters<MutationRule>[0]) {
  return graph
    .filter(({ type }) => type === TYPES.subscription)
    .flatMap(({ urn, inputs }) => {
      const text = JSON.stringify({ deadLetterTargetArn: inputs["endpoint"] });
      const isThis = (resource: { readonly urn: string }) => resource.urn === urn;
      return setting(subscriptionRedrive, TYPES.subscription, "redrivePolicy", [text], isThis)(graph);
    });
}
