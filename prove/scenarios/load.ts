import { withInputs } from "../recording";
import type { Scenario } from "../scenario";
import { PROCESSOR } from "./hops";

/** Many orders. */
export const LOAD: readonly Scenario[] = [
  {
    name: "a-day",
    story: "A day's 100,000 orders come in one after the other: memory stays flat.",
    orders: 100_000,
    backlogMax: 1_000,
  },
  {
    name: "sale",
    story: "20,000 orders come in as fast as they can, and the order function may run twice at once.",
    orders: 20_000,
    concurrency: 100,
    graph: (graph) =>
      withInputs(graph, "aws:lambda/eventSourceMapping:EventSourceMapping", PROCESSOR, (inputs) => ({
        ...inputs,
        scalingConfig: { maximumConcurrency: 2 },
      })),
  },
];
