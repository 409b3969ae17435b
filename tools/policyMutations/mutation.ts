import type { RawResource } from "../../local/engine/recorded";

/** One fault, put into a graph that has none. */
export interface Mutation {
  /** The policy that claims to catch it. */
  readonly policy: string;
  /** What was done, in words: `work: without kmsMasterKeyId`. */
  readonly what: string;
  /** The resource that is changed, removed or added. */
  readonly urn: string;
  readonly graph: readonly RawResource[];
}

/** Puts a policy's faults into a graph, one at a time: one mutation for each place. */
export type MutationRule = (graph: readonly RawResource[]) => readonly Mutation[];

/** A property's path, such as `destinationConfig.onFailure`. */
type Path = string;

export type Properties = Readonly<Record<string, unknown>>;

/** Which of the resources of a type are meant; all when it is absent. */
export type Which = (resource: RawResource) => boolean;

/** Removes each resource of a type. What was made of it stays, as in a program that names it by hand. */
export function removing(policy: string, type: string, which: Which = () => true): MutationRule {
  return (graph) =>
    graph
      .filter((resource) => resource.type === type && which(resource))
      .map(({ urn, name }) => ({
        policy,
        what: `${name}: ${kindOf(type)} removed`,
        urn,
        graph: graph.filter((resource) => resource.urn !== urn),
      }));
}

/** Removes a property from each resource of a type that has it. */
export function without(policy: string, type: string, path: Path, which: Which = () => true): MutationRule {
  return changingEach(policy, type, (resource) =>
    which(resource) && valueAt(resource.inputs, path) !== undefined
      ? [{ what: `without ${path}`, changed: withProperty(resource, path, undefined) }]
      : [],
  );
}

/** Sets a property to each of some wrong values, in each resource of a type. */
export function setting(
  policy: string,
  type: string,
  path: Path,
  values: readonly unknown[],
  which: Which = () => true,
): MutationRule {
  return changingEach(policy, type, (resource) =>
    which(resource)
      ? values.map((value) => ({
          what: `${path} = ${JSON.stringify(value)}`,
          changed: withProperty(resource, path, value),
        }))
      : [],
  );
}

/** A fault in a JSON text, such as a policy or a definition. */
export interface Edit<T> {
  readonly what: string;
  readonly document: T;
}

/** Makes each of some edits to the JSON text that a property holds, in each resource of a type. */
export function editing<T>(
  policy: string,
  type: string,
  property: string,
  edits: (document: T) => readonly Edit<T>[],
  which: Which = () => true,
): MutationRule {
  return changingEach(policy, type, (resource) => {
    const text = resource.inputs[property];
    if (!which(resource) || typeof text !== "string") return [];
    return edits(JSON.parse(text) as T).map(({ what, document }) => ({
      what: `${property}: ${what}`,
      changed: withProperty(resource, property, JSON.stringify(document), true),
    }));
  });
}

/**
 * Adds a resource that a program without care could have.
 *
 * @param given its properties; a function where they name a resource of the graph
 */
export function adding(
  policy: string,
  type: string,
  name: string,
  given: Properties | ((graph: readonly RawResource[]) => Properties),
): MutationRule {
  return (graph) => {
    const properties = withoutUndefined(typeof given === "function" ? given(graph) : given);
    const [like] = graph.filter(({ custom }) => custom);
    const stack = graph.find((resource) => resource.type === "pulumi:pulumi:Stack");
    if (like === undefined || stack === undefined) throw new Error("The graph has no resources.");
    const urn = `${like.urn.split("::").slice(0, 2).join("::")}::${type}::${name}`;
    const added: RawResource = {
      ...like,
      urn,
      type,
      name,
      parent: stack.urn,
      id: name,
      inputs: properties,
      outputs: properties,
      dependencies: [],
      propertyDependencies: {},
    };
    return [{ policy, what: `${name}: ${kindOf(type)} added`, urn, graph: [...graph, added] }];
  };
}

/** As JSON has it, and the wire: a member that is `undefined` is not there. */
function withoutUndefined(properties: Properties): Properties {
  return JSON.parse(JSON.stringify(properties)) as Properties;
}

function changingEach(
  policy: string,
  type: string,
  changes: (resource: RawResource) => readonly { readonly what: string; readonly changed: RawResource }[],
): MutationRule {
  return (graph) =>
    graph
      .filter((resource) => resource.type === type)
      .flatMap((resource) =>
        changes(resource).map(({ what, changed }) => ({
          policy,
          what: `${resource.name}: ${what}`,
          urn: resource.urn,
          graph: graph.map((other) => (other.urn === resource.urn ? changed : other)),
        })),
      );
}

/** The resource with another value of a property, or none; unless it is kept, nothing of the graph is behind it. */
function withProperty(resource: RawResource, path: Path, value: unknown, keepSources = false): RawResource {
  const [property = ""] = path.split(".");
  const { [property]: sources, ...others } = resource.propertyDependencies;
  return {
    ...resource,
    inputs: withoutUndefined(withValue(resource.inputs, path, value)),
    outputs: withoutUndefined(withValue(resource.outputs, path, value)),
    propertyDependencies: keepSources && sources !== undefined ? resource.propertyDependencies : others,
  };
}

function withValue(properties: Properties, path: Path, value: unknown): Properties {
  const [name = "", ...rest] = path.split(".");
  const { [name]: before, ...others } = properties;
  if (rest.length === 0) return value === undefined ? others : { ...others, [name]: value };
  return { ...others, [name]: withValue((before ?? {}) as Properties, rest.join("."), value) };
}

function valueAt(properties: Properties, path: Path): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Properties | undefined)?.[name], properties);
}

/** `aws:sqs/queue:Queue` is a `Queue`. */
function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
