import { join } from "node:path";
import type { Resource, ResourceGraph } from "../../../local/aws/resource";
import { recordInProcess } from "../../../local/engine/inProcess";

export const PROGRAM = join(__dirname, "../../..");
export const ORIGIN = "http://127.0.0.1:4000";

/** One statement of a policy document, as JSON. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What the program registered for one stack, with the questions that tests ask of it. */
export class RecordedStack {
  constructor(readonly graph: ResourceGraph) {}

  /** Records the program of this project in this process; nothing is deployed. */
  static async record(stack: string, config: Readonly<Record<string, unknown>> = {}): Promise<RecordedStack> {
    return new RecordedStack(
      (await recordInProcess({ directory: PROGRAM, stack, origin: ORIGIN, config })).graph,
    );
  }

  get outputs(): ResourceGraph["outputs"] {
    return this.graph.outputs;
  }

  /** How many resources there are, by type. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const resource of this.graph.resources) {
      const type = shortType(resource);
      counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  }

  /** @param type such as `sqs.Queue` */
  all(type: string): readonly Resource[] {
    return this.graph.resources.filter((resource) => shortType(resource) === type);
  }

  /** @throws Error when there is no such resource */
  one(type: string, name: string): Resource {
    const found = this.all(type).find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`There is no ${type} called ${name}.`);
    return found;
  }

  /** The inputs of a resource. */
  inputs(type: string, name: string): Readonly<Record<string, unknown>> {
    return this.one(type, name).inputs;
  }

  /** What a resource is called for everybody else. */
  arn(type: string, name: string): string {
    return String(this.one(type, name).outputs["arn"]);
  }
}

/** `aws:sqs/queue:Queue` as `sqs.Queue`; components keep their type. */
export function shortType({ type }: Pick<Resource, "type">): string {
  return type.replace(/^aws:([^/]+)\/.*:(.*)$/, "$1.$2");
}

/** The statements of a policy document in JSON. */
export function statementsOf(document: unknown): readonly Statement[] {
  return (JSON.parse(String(document)) as { Statement: Statement[] }).Statement;
}

/** Statements, actions and resources may be one or a list. */
export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
