import type { RawResource } from "../../local/engine/recorded";

type Graph = readonly RawResource[];

/** The types that the rules of several files speak of. */
export const TYPES = {
  function: "aws:lambda/function:Function",
  mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
  queue: "aws:sqs/queue:Queue",
  redrivePolicy: "aws:sqs/redrivePolicy:RedrivePolicy",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
} as const;

/** An output of a resource, such as its ARN, as text. */
export function outputOf({ outputs }: RawResource, property: string): string {
  return String(outputs[property]);
}

/**
 * The first resource of a type, and of a condition.
 *
 * @throws Error when the graph has none: the fault would not be tried, and nobody would know
 */
export function firstOf(
  graph: Graph,
  type: string,
  which: (resource: RawResource) => boolean = () => true,
): RawResource {
  const found = graph.find((resource) => resource.type === type && which(resource));
  if (found === undefined) throw new Error(`The graph has no ${type} to put a fault into.`);
  return found;
}

/** What may name a queue as the one for its failures. */
const FAILING = [
  TYPES.redrivePolicy,
  TYPES.subscription,
  TYPES.mapping,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:scheduler/schedule:Schedule",
] as readonly string[];

/** Whether a queue is a failure queue because another resource sends its failures there. */
export function takesFailures(graph: Graph, queueName: unknown): boolean {
  const queue = firstOf(graph, TYPES.queue, ({ outputs }) => outputs["name"] === queueName);
  const arn = outputOf(queue, "arn");
  return graph.some(
    ({ type, inputs }) =>
      FAILING.includes(type) && new RegExp(`${arn}[^\\w-]`).test(JSON.stringify({ ...inputs, endpoint: "" })),
  );
}

/** The queues that a redrive policy of a queue names as dead-letter queue. */
export function redriveTargets(graph: Graph): readonly RawResource[] {
  const texts = graph
    .filter(({ type }) => type === TYPES.redrivePolicy)
    .map(({ inputs }) => String(inputs["redrivePolicy"]));
  return graph.filter(
    (resource) =>
      resource.type === TYPES.queue && texts.some((text) => text.includes(`"${outputOf(resource, "arn")}"`)),
  );
}
