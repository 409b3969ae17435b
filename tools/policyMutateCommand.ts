import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { resolve } from "node:path";
import { stackOutputs } from "../contracts/stackOutputs";
import { loadStackConfig, stackNames } from "../local/engine/stackConfig";
import { EXIT, runCommand, type Terminal } from "./command";
import { withStack } from "./policyCheck/checkStack";
import { repeated } from "./policyCommand";
import { MUTATION_RULES } from "./policyMutations/rules";
import { runMutations, type PolicyResult } from "./policyMutations/run";

interface MutateOptions {
  readonly stack: readonly string[];
  readonly json?: true;
}

interface StackResult {
  readonly stack: string;
  readonly policies: readonly PolicyResult[];
}

/**
 * `npm run policy:mutate`: puts faults into the recorded stacks, one at a time, and says which the policies catch. Exit
 * code 0 when they catch all and every policy was tried, 1 when not, 2 when nothing can be said.
 */
export function policyMutateCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(argv, terminal, (command, exit) =>
    command
      .name("npm run policy:mutate --")
      .description(
        "Removes or weakens, one at a time, whatever the policies speak of in the recorded stacks, and shows whether the " +
          "policy that claims to catch it does.",
      )
      .option("--stack <name>", "only this stack; can be repeated", repeated, [])
      .option("--json", "print the result as JSON")
      .action(async ({ stack, json }: MutateOptions) => {
        const stacks = stack.length > 0 ? [...new Set(stack)] : stackNames(terminal.projectRoot);
        const results = await mutateAll(stacks, terminal);
        terminal.stdout.write(json ? `${JSON.stringify({ stacks: results }, null, 2)}\n` : report(results));
        exit(isProven(results) ? EXIT.done : EXIT.findings);
      }),
  );
}

/** All at once: each has a pack of its own. */
async function mutateAll(stacks: readonly string[], terminal: Terminal): Promise<StackResult[]> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total} mutations",
    stream: terminal.stderr,
    gracefulExit: false,
    stopOnComplete: false,
  });
  const counts = new Map<string, { readonly done: number; readonly all: number }>();
  const sum = (count: "done" | "all") => [...counts.values()].reduce((total, one) => total + one[count], 0);
  const abort = new AbortController();
  const signal = AbortSignal.any([terminal.signal, abort.signal]);
  bar.start(1, 0);
  try {
    return await Promise.all(
      stacks.map((stack) =>
        mutate(stack, terminal.projectRoot, signal, (done, all) => {
          counts.set(stack, { done, all });
          bar.setTotal(sum("all"));
          bar.update(sum("done"));
        }),
      ),
    );
  } finally {
    abort.abort();
    bar.stop();
  }
}

async function mutate(
  stack: string,
  projectRoot: string,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<StackResult> {
  const options = {
    program: projectRoot,
    pack: resolve(projectRoot, "policies"),
    settings: {},
    outputs: stackOutputs,
    // `npm run policy` does that.
    typeCheck: false,
    signal,
  };
  const config = loadStackConfig({ directory: projectRoot, stack });
  const { answer } = await withStack(config, options, (graph, pack) =>
    runMutations(graph, pack, MUTATION_RULES, progress),
  );
  return { stack, policies: answer };
}

/** A policy that no mutation of any stack tried is as good as none. */
function isProven(results: readonly StackResult[]): boolean {
  return totals(results).every(({ tried, missed }) => tried > 0 && missed.length === 0);
}

/** The results of all stacks by policy; a missed mutation says in which stack it was. */
function totals(results: readonly StackResult[]): PolicyResult[] {
  const [first] = results;
  return (first?.policies ?? []).map(({ policy }) => {
    const ofPolicy = results.flatMap(({ stack, policies }) =>
      policies.filter((result) => result.policy === policy).map((result) => ({ stack, ...result })),
    );
    return {
      policy,
      tried: ofPolicy.reduce((sum, { tried }) => sum + tried, 0),
      missed: ofPolicy.flatMap(({ stack, missed }) => missed.map((what) => `${stack}: ${what}`)),
    };
  });
}

function report(results: readonly StackResult[]): string {
  const table = new Table({
    head: ["policy", "tried", "caught", "missed"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [] },
    // No line between the rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  const all = totals(results);
  for (const { policy, tried, missed } of all)
    table.push([policy, tried, tried - missed.length, missed.length]);
  const tried = all.reduce((sum, result) => sum + result.tried, 0);
  const missed = all.flatMap((result) =>
    result.missed.map((what) => `missed by ${result.policy}: ${what}\n`),
  );
  const untried = all.filter((result) => result.tried === 0).map(({ policy }) => `not tried: ${policy}\n`);
  const stacks = results.map(({ stack }) => stack).join(" and ");
  return (
    `${table.toString()}\n${missed.join("")}${untried.join("")}` +
    `${tried} mutations of ${stacks}: ${tried - missed.length} caught, ${missed.length} missed\n`
  );
}
