import { shortType, type RecordedStack } from "./recordedStack";

/** Outputs by which one resource is known to others. */
const IDENTITIES = [
  "arn",
  "url",
  "name",
  "id",
  "keyId",
  "streamArn",
  "rootResourceId",
  "executionArn",
] as const;

/**
 * Replaces, in any JSON value, what AWS would have called the resources of a stack by what the program calls them, such
 * as `<sqs.Queue orders arn>`: so that two stacks can be compared, and a policy read.
 */
export class Symbols {
  private readonly replacements: readonly (readonly [physical: string, symbol: string])[];

  constructor({ graph }: RecordedStack) {
    const byPhysical = new Map<string, string>();
    for (const resource of graph.resources.filter(({ type }) => type.startsWith("aws:")))
      for (const identity of IDENTITIES) {
        const value = resource.outputs[identity] ?? (identity === "id" ? resource.id : undefined);
        if (typeof value !== "string" || value.length < 6 || byPhysical.has(value)) continue;
        // What the program chose itself is no physical name.
        if (Object.values(resource.inputs).includes(value)) continue;
        byPhysical.set(value, `<${shortType(resource)} ${resource.name} ${identity}>`);
      }
    // The longest first: an ARN holds the name.
    this.replacements = [...byPhysical].sort(([a], [b]) => b.length - a.length);
  }

  in<T>(value: T): T {
    let json = JSON.stringify(value);
    for (const [physical, symbol] of this.replacements) json = json.replaceAll(physical, symbol);
    return JSON.parse(json) as T;
  }
}
