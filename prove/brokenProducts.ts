import type { Invariant } from "./invariants";
import { withInputs, type GraphChange } from "./recording";
import type { Scenario } from "./scenario";
import { PROCESSOR, SNS, STARTER, WORKFLOW } from "./scenarios/hops";

/** The product without one of the things that its promise rests on. */
export interface BrokenProduct {
  readonly name: string;
  readonly change: GraphChange;
  /** Which shows it, in as few orders as it takes. */
  readonly scenario: Scenario;
  /** What the proof must say is broken, among others. */
  readonly violates: Invariant;
}

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** Each of these must make the proof fail: a proof that finds nothing here proves nothing. */
export const BROKEN_PRODUCTS: readonly BrokenProduct[] = [
  {
    name: "no-stream-filter",
    // The workflow's own updates start it again and again.
    change: (graph) => withInputs(graph, MAPPING, STARTER, ({ filterCriteria: _, ...inputs }) => inputs),
    scenario: { name: "broken-stream-filter", story: "Nothing fails.", orders: 5 },
    violates: "bounded",
  },
  {
    name: "no-partial-batch-response",
    // One bad message keeps its whole batch from being deleted, or takes it along.
    change: (graph) =>
      withInputs(graph, MAPPING, PROCESSOR, ({ functionResponseTypes: _, ...inputs }) => inputs),
    scenario: { name: "broken-partial-batch", story: "Some messages are no orders.", orders: 20, poison: 4 },
    violates: "poison",
  },
  {
    name: "no-catch-on-publish",
    change: (graph) =>
      withInputs(graph, "aws:sfn/stateMachine:StateMachine", WORKFLOW, (inputs) => ({
        ...inputs,
        definition: withoutCatch(String(inputs["definition"])),
      })),
    scenario: {
      name: "broken-catch",
      story: "The topic is down.",
      orders: 10,
      mix: {},
      faults: () => [{ ...SNS.publish(WORKFLOW), always: true, fault: "accessDenied" }],
      lastsMinutes: 5,
      seen: { lastErrors: true },
    },
    violates: "visible",
  },
  {
    name: "no-reconciler",
    change: (graph) => ({
      ...graph,
      resources: graph.resources.filter(({ type }) => type !== "aws:scheduler/schedule:Schedule"),
    }),
    scenario: {
      name: "broken-reconciler",
      story: "The topic is down for longer than the workflow tries again.",
      orders: 10,
      mix: {},
      faults: () => [{ ...SNS.publish(WORKFLOW), always: true, fault: "accessDenied" }],
      lastsMinutes: 5,
      repairMinutes: 30,
    },
    violates: "undelivered",
  },
  {
    name: "no-condition-on-put",
    change: (graph) =>
      withInputs(graph, "aws:lambda/function:Function", PROCESSOR, (inputs) => ({
        ...inputs,
        code: replaced(inputs["code"], 'ConditionExpression:"attribute_not_exists(orderId)",', ""),
      })),
    scenario: {
      name: "broken-condition",
      story: "Two orders are placed under one id.",
      orders: 20,
      mix: { conflicting: 0.5 },
      repairMinutes: 20,
    },
    violates: "conflict",
  },
];

function withoutCatch(definition: string): string {
  const machine = JSON.parse(definition) as { States: Record<string, { Catch?: unknown }> };
  delete machine.States["PublishOrder"]?.Catch;
  return JSON.stringify(machine);
}

/** @throws Error when the text is not there: a change that changes nothing proves nothing */
function replaced(value: unknown, text: string, by: string): unknown {
  const [json, from, to] = [value, text, by].map((part) => JSON.stringify(part)) as [string, string, string];
  const changed = json.replaceAll(from.slice(1, -1), to.slice(1, -1));
  if (changed === json) throw new Error(`The function's archive does not hold: ${text}`);
  return JSON.parse(changed) as unknown;
}
