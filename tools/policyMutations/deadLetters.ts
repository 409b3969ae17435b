import type { RawResource } from "../../local/engine/recorded";
import { adding, editing, removing, setting, without, type MutationRule } from "./mutation";
import { firstOf, outputOf, redriveTargets, TYPES } from "./resources";

type Redrive = Readonly<Record<string, unknown>>;

/** As long as the order queue's own, and SQS's default. */
const FOUR_DAYS_SECONDS = 345_600;

/** Any other SQS queue's worth of retention is shorter than that of these. */
const isFailureQueue = ({ inputs }: RawResource) =>
  Number(inputs["messageRetentionSeconds"]) > FOUR_DAYS_SECONDS;

const REDRIVE_ALLOW_POLICY = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy";

const queueRedrivePolicy = "sqs-queue-redrive-policy";
const redriveTarget = "sqs-redrive-dead-letter-target";
const receiveCount = "sqs-redrive-receive-count";
const retention = "sqs-dead-letter-queue-retention";

export const deadLetterMutations: readonly MutationRule[] = [
  removing(queueRedrivePolicy, TYPES.redrivePolicy),
  adding(queueRedrivePolicy, TYPES.queue, "dead-letters", { arn: "arn:aws:sqs:eu-west-1:123456789012:dead" }),
  onEachTarget((target) =>
    adding(queueRedrivePolicy, TYPES.mapping, `works-off-${target.name}`, {
      eventSourceArn: outputOf(target, "arn"),
    }),
  ),
  onEachTarget((target) =>
    adding(queueRedrivePolicy, TYPES.subscription, `delivers-to-${target.name}`, {
      protocol: "sqs",
      endpoint: outputOf(target, "arn"),
    }),
  ),

  setting(redriveTarget, TYPES.redrivePolicy, "redrivePolicy", ["", "dead-letters", "{}"]),
  editing<Redrive>(redriveTarget, TYPES.redrivePolicy, "redrivePolicy", (document) => [
    { what: "without deadLetterTargetArn", document: { ...document, deadLetterTargetArn: undefined } },
    ...["", "dead-letters", "arn:aws:sns:eu-west-1:123456789012:dead"].map((deadLetterTargetArn) => ({
      what: `deadLetterTargetArn = "${deadLetterTargetArn}"`,
      document: { ...document, deadLetterTargetArn },
    })),
  ]),
  editing<Redrive>(redriveTarget, REDRIVE_ALLOW_POLICY, "redriveAllowPolicy", (document) => [
    { what: "denyAll", document: { redrivePermission: "denyAll" } },
    { what: "for no queue", document: { ...document, sourceQueueArns: [] } },
    {
      what: "for another queue",
      document: { ...document, sourceQueueArns: ["arn:aws:sqs:eu-west-1:123456789012:other"] },
    },
  ]),
  eachRedrivenToItself,
  onEachTarget((target) =>
    adding(redriveTarget, TYPES.redrivePolicy, `back-from-${target.name}`, (graph) => ({
      queueUrl: outputOf(target, "url"),
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: sourceArnOf(graph, target), maxReceiveCount: 5 }),
    })),
  ),

  without(receiveCount, TYPES.redrivePolicy, "redrivePolicy"),
  editing<Redrive>(receiveCount, TYPES.redrivePolicy, "redrivePolicy", (document) =>
    [undefined, 1, "2", 1_000, "many"].map((maxReceiveCount) => ({
      what: `maxReceiveCount = ${JSON.stringify(maxReceiveCount)}`,
      document: { ...document, maxReceiveCount },
    })),
  ),
  setting(receiveCount, TYPES.queue, "redrivePolicy", ['{"maxReceiveCount":1}', "{}", "dead-letters"]),

  setting(retention, TYPES.queue, "messageRetentionSeconds", [60], isFailureQueue),
  onEachTarget((target) => without(retention, TYPES.queue, "messageRetentionSeconds", isThe(target))),
  onEachTarget((target) =>
    setting(retention, TYPES.queue, "messageRetentionSeconds", [FOUR_DAYS_SECONDS], isThe(target)),
  ),
  setting(
    retention,
    TYPES.queue,
    "messageRetentionSeconds",
    [60, 1_209_600],
    (queue) => !isFailureQueue(queue),
  ),
  setting(retention, TYPES.queue, "visibilityTimeoutSeconds", [86_400], (queue) => !isFailureQueue(queue)),
];

/** One rule for each dead-letter queue of the graph. */
function onEachTarget(rule: (target: RawResource) => MutationRule): MutationRule {
  return (graph) => redriveTargets(graph).flatMap((target) => rule(target)(graph));
}

function isThe(queue: RawResource): (resource: RawResource) => boolean {
  return ({ urn }) => urn === queue.urn;
}

function eachRedrivenToItself(graph: readonly RawResource[]) {
  return graph
    .filter(({ type }) => type === TYPES.redrivePolicy)
    .flatMap((redrive) => {
      const source = firstOf(
        graph,
        TYPES.queue,
        (queue) => outputOf(queue, "url") === redrive.inputs["queueUrl"],
      );
      const text = JSON.stringify({ deadLetterTargetArn: outputOf(source, "arn"), maxReceiveCount: 5 });
      return setting(redriveTarget, TYPES.redrivePolicy, "redrivePolicy", [text], isThe(redrive))(graph);
    });
}

function sourceArnOf(graph: readonly RawResource[], target: RawResource): string {
  const redrive = firstOf(graph, TYPES.redrivePolicy, ({ inputs }) =>
    String(inputs["redrivePolicy"]).includes(`"${outputOf(target, "arn")}"`),
  );
  const source = firstOf(
    graph,
    TYPES.queue,
    (queue) => outputOf(queue, "url") === redrive.inputs["queueUrl"],
  );
  return outputOf(source, "arn");
}
