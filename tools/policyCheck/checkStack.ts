import type * as z from "zod";
import { recordInThread } from "../../local/engine/recordInThread";
import type { RawResource } from "../../local/engine/recorded";
import { loadStackConfig } from "../../local/engine/stackConfig";
import { CommandError } from "../command";
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
  /** What the pack wrote meanwhile. */
  readonly output: string;
}

/**
 * Checks a stack as `pulumi preview --policy-pack` does: every resource in the order of its registration with its inputs,
 * then all of them with their outputs. The pack starts while the program is recorded. Remediations are not run: what they
 * would change is reported.
 *
 * @throws StackConfigError when the stack's configuration cannot be used; CommandError when the pack cannot be asked; an
 *   Error when the program fails
 */
export async function checkStack(stack: string, options: CheckOptions): Promise<StackReport> {
  const config = loadStackConfig({ directory: options.program, stack });
  const recording = recordInThread({ directory: options.program, stack, origin: ORIGIN });
  // Awaited below, unless the pack fails before.
  recording.catch(() => undefined);
  const pack = await PolicyPack.start(
    { directory: options.pack, stack: config, signal: options.signal },
    options.settings,
  );
  let report: Omit<StackReport, "output">;
  try {
    const policies = await pack.configure(options.settings);
    if (policies.length === 0)
      throw new CommandError("Every policy is disabled: nothing is checked. Enable some.");
    const recorded = await recording;
    requireCompleteRun(recorded, options.outputs);
    const { name, version } = pack.info;
    const findings = await findingsIn(pack, recorded.raw);
    report = {
      stack,
      pack: { name, version },
      resources: recorded.raw.length,
      policies: policies.length,
      findings,
    };
  } catch (error) {
    await pack.stop().catch(() => undefined);
    throw error;
  }
  return { ...report, output: await pack.stop() };
}

/** What a pack says against a whole stack. */
export async function findingsIn(pack: PolicyPack, resources: readonly RawResource[]): Promise<Finding[]> {
  const violations: Violation[] = [];
  for (const resource of resources) violations.push(...(await pack.analyze(resource)));
  violations.push(...(await pack.analyzeStack(resources)));
  return violations.map((violation) => {
    const about = resources.find(({ urn }) => urn === violation.urn);
    return { ...violation, type: about?.type ?? "", name: about?.name ?? "" };
  });
}
