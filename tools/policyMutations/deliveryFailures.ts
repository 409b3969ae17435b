import { adding, editing, removing, setting, without, type MutationRule, type Which } from "./mutation";
import { firstOf, outputOf, TYPES } from "./resources";
import { inStatements } from "./statements";

type Redrive = Readonly<Record<string, unknown>>;

const subscriptionRedrive = "sns-subscription-redrive-policy";
const senders = "sqs-dead-letter-queue-senders";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:dead";

/** What is said of a dead-letter queue where it is missing. */
const NO_QUEUE = [undefined, {}, { arn: "" }];

/** What keeps SNS out of a queue. */
const CLOSED: Parameters<typeof inStatements>[2] = [
  ["lets another service in", (statement) => ({ ...statement, Principal: { Service: "s3.amazonaws.com" } })],
  ["allows something else", (statement) => ({ ...statement, Action: "sqs:ReceiveMessage" })],
  ["is for another queue", (statement) => ({ ...statement, Resource: QUEUE_ARN })],
  [
    "is for another topic",
    (statement) => ({
      ...statement,
      Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:other" } },
    }),
  ],
];

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

  ofSubscriptions((which) => removing(senders, QUEUE_POLICY, which)),
  ofSubscriptions((which) => inStatements(senders, QUEUE_POLICY, CLOSED, which)),
  adding(senders, "aws:cloudwatch/eventTarget:EventTarget", "placed", (graph) => ({
    rule: "placed",
    arn: outputOf(firstOf(graph, TYPES.queue), "arn"),
    deadLetterConfig: { arn: outputOf(firstOf(graph, TYPES.queue), "arn") },
  })),

  without("scheduler-dead-letter-queue", "aws:scheduler/schedule:Schedule", "target.deadLetterConfig"),
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

/** Makes a rule for the policies of the queues that subscriptions have as dead-letter queues. */
function ofSubscriptions(ruleFor: (which: Which) => MutationRule): MutationRule {
  return (graph) => {
    const texts = graph
      .filter(({ type }) => type === TYPES.subscription)
      .map(({ inputs }) => String(inputs["redrivePolicy"]));
    const urls = graph
      .filter(({ type }) => type === TYPES.queue)
      .filter((queue) => texts.some((text) => text.includes(`"${outputOf(queue, "arn")}"`)))
      .map((queue) => outputOf(queue, "url"));
    return ruleFor(({ inputs }) => urls.includes(String(inputs["queueUrl"])))(graph);
  };
}
