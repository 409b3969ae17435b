import type { RawResource } from "../../local/engine/recorded";
import { findingsIn } from "../policyCheck/checkStack";
import type { PolicyInfo } from "../policyCheck/packInfo";
import type { PolicyPack } from "../policyCheck/policyPack";
import { CommandError } from "../command";
import type { Mutation, MutationRule } from "./mutation";

/** What a mutation run needs of a policy pack. */
export type AskablePack = Pick<PolicyPack, "info" | "configure" | "analyze" | "analyzeStack">;

/** What came of one policy's mutations. */
export interface PolicyResult {
  readonly policy: string;
  readonly tried: number;
  /** Those that the policy did not report, in words. */
  readonly missed: readonly string[];
}

/**
 * Shows each mutation of a graph to the policy that claims to catch it, with all others disabled: the changed resource to a
 * policy of resources, the whole graph to a policy of stacks.
 *
 * @param progress told after each mutation how many are done, and of how many
 * @returns a result for each policy of the pack, those without a mutation too
 * @throws CommandError when the graph has findings as it is, or a rule names a policy that the pack does not have
 */
export async function runMutations(
  graph: readonly RawResource[],
  pack: AskablePack,
  rules: readonly MutationRule[],
  progress: (done: number, all: number) => void,
): Promise<PolicyResult[]> {
  await requireNoFindings(graph, pack);
  const light = graph.map(withoutCode);
  const mutations = rules.flatMap((rule) => rule(light));
  requireKnownPolicies(mutations, pack);
  let done = 0;
  const results: PolicyResult[] = [];
  for (const policy of pack.info.policies) {
    await pack.configure({
      all: { enforcementLevel: "disabled" },
      [policy.name]: { enforcementLevel: policy.level },
    });
    const own = mutations.filter((mutation) => mutation.policy === policy.name);
    const missed: string[] = [];
    for (const mutation of own) {
      if (!(await isCaught(mutation, policy, pack))) missed.push(mutation.what);
      progress(++done, mutations.length);
    }
    results.push({ policy: policy.name, tried: own.length, missed });
  }
  return results;
}

/** Functions without their archives: no policy looks into them, and they would be sent with every mutation. */
function withoutCode(resource: RawResource): RawResource {
  const { code: _, ...inputs } = resource.inputs;
  const { code: __, ...outputs } = resource.outputs;
  return resource.type === "aws:lambda/function:Function" ? { ...resource, inputs, outputs } : resource;
}

async function isCaught(mutation: Mutation, { of }: PolicyInfo, pack: AskablePack): Promise<boolean> {
  if (of === "stack") return (await pack.analyzeStack(mutation.graph)).length > 0;
  const changed = mutation.graph.find(({ urn }) => urn === mutation.urn);
  return changed !== undefined && (await pack.analyze(changed)).length > 0;
}

async function requireNoFindings(graph: readonly RawResource[], pack: AskablePack): Promise<void> {
  const [finding] = await findingsIn(pack, graph);
  if (finding === undefined) return;
  throw new CommandError(
    `Nothing can be said about mutations of a stack that has findings as it is: ${finding.policy} about ` +
      `"${finding.name}". Run npm run policy and mend them first.`,
  );
}

function requireKnownPolicies(mutations: readonly Mutation[], pack: AskablePack): void {
  const known = new Set(pack.info.policies.map(({ name }) => name));
  const unknown = mutations.find(({ policy }) => !known.has(policy));
  if (unknown === undefined) return;
  throw new CommandError(
    `A mutation claims to be caught by ${unknown.policy}, a policy that the pack does not have: ${unknown.what}.`,
  );
}
