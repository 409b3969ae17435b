import { resolve } from "node:path";
import type { Resource, ResourceGraph } from "../local/aws/resource";
import { recordInThread } from "../local/engine/recordInThread";

/** Stands in the recorded graph where the run's own address will stand. */
export const RECORDED_ORIGIN = "http://127.0.0.1:65535";

/** The stack whose graph is put to the proof. */
export const STACK = "dev";

export const PROJECT_ROOT = resolve(__dirname, "..");

/** A change of a graph: a setting of a scenario, or a product that is broken on purpose. */
export type GraphChange = (graph: ResourceGraph) => ResourceGraph;

/** The order service's graph, recorded once and hosted at as many addresses as there are runs. */
export class Recording {
  /** @param json the graph, recorded for `RECORDED_ORIGIN` */
  constructor(readonly json: string) {}

  static async take(): Promise<Recording> {
    const { graph } = await recordInThread({
      directory: PROJECT_ROOT,
      stack: STACK,
      origin: RECORDED_ORIGIN,
    });
    return new Recording(JSON.stringify(graph));
  }

  /** @param origin where the run listens, such as `http://127.0.0.1:4000` */
  at(origin: string, change: GraphChange = (graph) => graph): ResourceGraph {
    return change(JSON.parse(this.json.replaceAll(RECORDED_ORIGIN, origin)) as ResourceGraph);
  }
}

/**
 * The graph with other inputs of one resource.
 *
 * @param type such as `aws:sqs/queue:Queue`
 * @throws Error when the graph has no such resource: a change that changes nothing proves nothing
 */
export function withInputs(
  graph: ResourceGraph,
  type: string,
  name: string,
  change: (inputs: Resource["inputs"]) => Resource["inputs"],
): ResourceGraph {
  const index = graph.resources.findIndex((resource) => resource.type === type && resource.name === name);
  const found = graph.resources[index];
  if (!found) throw new Error(`The graph has no ${type} "${name}".`);
  const inputs = change(found.inputs);
  return { ...graph, resources: graph.resources.with(index, { ...found, inputs }) };
}
