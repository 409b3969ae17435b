import { resolve } from "node:path";
import type * as z from "zod";
import { stackOutputs } from "../contracts/stackOutputs";
import { loadStackConfig, stackNames } from "../local/engine/stackConfig";
import { CommandError, EXIT, runCommand, type Terminal } from "./command";
import { checkStack, type StackReport } from "./policyCheck/checkStack";
import { hasMandatory, reportJson, reportText } from "./policyCheck/report";
import { readSettings } from "./policyCheck/settings";

interface PolicyCommandOptions {
  readonly stack: readonly string[];
  readonly policyPack: string;
  readonly policyPackConfig?: string;
  readonly json?: true;
}

/** `npm run policy`: checks the order service's stacks against its policy pack. Returns the exit code. */
export function policyCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return policyCommandFor(stackOutputs)(argv, terminal);
}

/**
 * The command for any Pulumi program: exit code 0 for no mandatory finding, 1 for some, 2 whenever something was not
 * checked.
 *
 * @param outputs what every stack of the program must have as outputs
 */
export function policyCommandFor(outputs: z.ZodType) {
  return (argv: readonly string[], terminal: Terminal): Promise<number> =>
    runCommand(argv, terminal, (command, exit) =>
      command
        .name("npm run policy --")
        .description(
          "Checks the stacks against the policy pack, as `pulumi preview --policy-pack` does, but without CLI, account " +
            "and network: the program is recorded, nothing is deployed.",
        )
        .option("--stack <name>", "only this stack; can be repeated", repeated, [])
        .option("--policy-pack <folder>", "the policy pack", resolve(terminal.projectRoot, "policies"))
        .option("--policy-pack-config <file>", "a JSON file with the policies' levels and properties")
        .option("--json", "print the findings as JSON")
        .action(async (options: PolicyCommandOptions) => {
          const reports = await checked(() => checkStacks(options, outputs, terminal));
          print(reports, options, terminal);
          exit(hasMandatory(reports) ? EXIT.findings : EXIT.done);
        }),
    );
}

async function checkStacks(
  { stack, policyPack, policyPackConfig }: PolicyCommandOptions,
  outputs: z.ZodType,
  { projectRoot, signal }: Terminal,
): Promise<StackReport[]> {
  const settings = policyPackConfig === undefined ? {} : await readSettings(policyPackConfig);
  const stacks = stack.length > 0 ? [...new Set(stack)] : stackNames(projectRoot);
  if (stacks.length === 0)
    throw new CommandError(`There is no stack in ${projectRoot}: add a Pulumi.NAME.yaml.`);
  const configs = stacks.map((name) => loadStackConfig({ directory: projectRoot, stack: name }));
  const options = { pack: resolve(policyPack), program: projectRoot, settings, outputs, signal };
  const checks = configs.map((config, index) => checkStack(config, { ...options, typeCheck: index === 0 }));
  // The first failure in the order of the stacks: the first one has also type-checked the pack.
  await Promise.allSettled(checks);
  return await Promise.all(checks);
}

/** Whatever goes wrong means that something was not checked. */
async function checked<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function print(
  reports: readonly StackReport[],
  { json }: PolicyCommandOptions,
  { stdout, stderr }: Terminal,
): void {
  for (const { output } of reports) stderr.write(output);
  const width = (stdout as Partial<NodeJS.WriteStream>).columns;
  stdout.write(json ? reportJson(reports) : reportText(reports, width));
}

/** Collects the values of an option that can be repeated. */
export function repeated(name: string, before: readonly string[]): string[] {
  return [...before, name];
}
