import { createHash } from "node:crypto";
import { shortType, type RecordedStack } from "./recordedStack";
import { Symbols } from "./symbols";

/**
 * Says, one line each, in what two stacks differ: resources, their inputs, parents, dependencies and protection, with
 * every physical name replaced by what the program calls the resource.
 */
export function differencesBetween(one: RecordedStack, other: RecordedStack): string[] {
  const ofOne = comparable(one);
  const ofOther = comparable(other);
  const only = (stack: RecordedStack, name: string) => `only in ${stack.graph.stack}: ${name}`;
  return [...new Set([...ofOne.keys(), ...ofOther.keys()])].flatMap((name) => {
    const [left, right] = [ofOne.get(name), ofOther.get(name)];
    if (left === undefined) return [only(other, name)];
    if (right === undefined) return [only(one, name)];
    return differences(left, right).map((difference) => `${name} ${difference}`);
  });
}

type Comparable = Readonly<Record<string, unknown>>;

function comparable(stack: RecordedStack): ReadonlyMap<string, Comparable> {
  const { project, stack: name, resources } = stack.graph;
  const symbols = new Symbols(stack);
  // The stack's name is in URNs, and behind the project's in names that have to be unique.
  const unnamed = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value, digestLongTexts)
        .replaceAll(`urn:pulumi:${name}::`, "urn:pulumi:STACK::")
        .replaceAll(`${project}-${name}`, `${project}-STACK`),
    ) as T;
  return new Map(
    resources.map(({ type, name: resource, inputs, parent, dependencies, protect }) => [
      unnamed(`${shortType({ type })} ${resource}`),
      unnamed({ ...symbols.in(inputs), parent, dependencies: [...dependencies].sort(), protect }),
    ]),
  );
}

/** A function's code would fill the screen when it differs. */
function digestLongTexts(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length < 100_000) return value;
  return createHash("sha256").update(value).digest("hex");
}

/** `path: left, right` for each place in which two JSON values differ. */
function differences(left: unknown, right: unknown, path = ""): string[] {
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  if (path === "dependencies") return ["dependencies: the list"];
  if (!isHolder(left) || !isHolder(right))
    return [`${path}: ${JSON.stringify(left)}, ${JSON.stringify(right)}`];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((member) =>
    differences(left[member], right[member], path === "" ? member : `${path}.${member}`),
  );
}

function isHolder(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
