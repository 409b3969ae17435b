import type * as z from "zod";
import { recordInThread } from "../../local/engine/recordInThread";
import type { RawResource } from "../../local/engine/recorded";
import type { StackConfig } from "../../local/engine/stackConfig";
import { CommandError } from "../command";
import { TextSink } from "../textSink";
import type { Violation } from "./analyzer";
import { requireCompleteRun } from "./completeness";
import { PolicyPack } from "./policyPack";
import type { GivenSettings } from "./settings";

/** Where the recorded stack would listen: it makes up the URLs, and nothing calls them. */
const ORIGIN = "http://127.0.0.1:4000";

export interface CheckOptions {
  /** The folder of the Pulumi program. */
  readonly program: string;
  /** The folder of the policy pack. */
  readonly pack: string;
  readonly settings: GivenSettings;
  /** Whether the pack is type-checked; once is enough for several stacks. */
  readonly typeCheck: boolean;
  /** What every stack must have as outputs. */
  readonly outputs: z.ZodType;
  readonly signal: AbortSignal;
}

/** What a policy has to say against one resource of a stack. */
export interface Finding extends Violation {
  readonly type: string;
  readonly name: string;
}

/** What became of one stack. */
export interface StackReport {
  readonly stack: string;
  readonly pack: { readonly name: string; readonly version: string };
  /** How many resources were shown to the pack; components and the stack itself are among them. */
  readonly resources: number;
  /** How many policies were enabled. */
  readonly policies: number;
  readonly findings: readonly Finding[];
  /** What program and pack wrote meanwhile. */
  readonly output: string;
}

/**
 * Checks a stack as `pulumi preview --policy-pack` does: every resource in the order of its registration with its inputs,
 * then all of them with their outputs. Remediations are not run: what they would change is reported.
 *
 * @throws as `withStack` does
 */
export async function checkStack(config: StackConfig, options: CheckOptions): Promise<StackReport> {
  const { answer, output } = await withStack(config, options, askAbout);
  return { stack: config.stack, ...answer, output };
}

/**
 * Asks a pack about a stack. The pack starts while the program is recorded.
 *
 * @returns the answer, and what program and pack wrote meanwhile
 * @throws CommandError when the pack cannot be asked; an Error when the program fails
 */
export async function withStack<T>(
  config: StackConfig,
  options: CheckOptions,
  ask: (resources: readonly RawResource[], pack: PolicyPack) => Promise<T>,
): Promise<{ readonly answer: T; readonly output: string }> {
  const { program, pack: directory, settings, typeCheck } = options;
  const { stack } = config;
  // Ends the program when the pack fails, and the other way round.
  const abort = new AbortController();
  const signal = AbortSignal.any([options.signal, abort.signal]);
  const starting = PolicyPack.start({ directory, stack: config, typeCheck, signal }, settings);
  const said = new TextSink();
  const recording = recordInThread({ directory: program, stack, origin: ORIGIN }, { output: said, signal });
  try {
    const [pack, recorded] = await Promise.all([starting, recording]);
    requireCompleteRun(recorded, options.outputs);
    const answer = await ask(recorded.raw, pack);
    return { answer, output: said.text + (await pack.stop()) };
  } catch (error) {
    abort.abort();
    await Promise.allSettled([starting.then((pack) => pack.stop()), recording]);
    throw error;
  }
}

async function askAbout(
  resources: readonly RawResource[],
  pack: PolicyPack,
): Promise<Omit<StackReport, "stack" | "output">> {
  if (pack.enabled.length === 0)
    throw new CommandError("Every policy is disabled: nothing is checked. Enable some.");
  const { name, version } = pack.info;
  return {
    pack: { name, version },
    resources: resources.length,
    policies: pack.enabled.length,
    findings: await findingsIn(pack, resources),
  };
}

/** What a pack says against a whole stack. */
export async function findingsIn(
  pack: Pick<PolicyPack, "analyze" | "analyzeStack">,
  resources: readonly RawResource[],
): Promise<Finding[]> {
  const violations: Violation[] = [];
  for (const resource of resources) violations.push(...(await pack.analyze(resource)));
  violations.push(...(await pack.analyzeStack(resources)));
  return violations.map((violation) => {
    const about = resources.find(({ urn }) => urn === violation.urn);
    return { ...violation, type: about?.type ?? "", name: about?.name ?? "" };
  });
}
