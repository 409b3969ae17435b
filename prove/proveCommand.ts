import { SingleBar } from "cli-progress";
import { InvalidArgumentError } from "commander";
import { CommandError, EXIT, runCommand, type Terminal } from "../tools/command";
import { BROKEN_PRODUCTS } from "./brokenProducts";
import { Recording } from "./recording";
import { brokenText, reportText, resultLine } from "./report";
import type { ScenarioResult } from "./runScenario";
import { SCENARIOS } from "./scenarios";
import type { Assignment } from "./worker";
import { playAll } from "./workers";

interface ProveOptions {
  readonly seed: number;
  readonly scenario: readonly string[];
  readonly orders?: number;
  readonly list?: true;
  readonly broken?: true;
  readonly json?: true;
}

/**
 * `npm run prove`: posts orders while everything fails, repairs, and checks that each promise was kept. Exit code 0 when
 * all were, 1 when one was broken, 2 for wrong usage.
 */
export function proveCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(argv, terminal, (command, exit) =>
    command
      .name("npm run prove --")
      .description(
        "Posts orders to local runs in which one thing after the other fails, repairs what needs it, and checks that no " +
          "order was lost, doubled or changed.",
      )
      .option("--seed <number>", "decides orders and faults", wholeNumber(0), 1)
      .option(
        "--scenario <name>",
        "only this one; can be repeated",
        (name, names: string[]) => [...names, name],
        [],
      )
      .option(
        "--orders <number>",
        "so many orders of each scenario, instead of its own number",
        wholeNumber(1),
      )
      .option("--list", "list the scenarios")
      .option("--broken", "put products that are broken on purpose to the proof: it must find each")
      .option("--json", "print the results as JSON")
      .action(async (options: ProveOptions) => {
        if (options.list) terminal.stdout.write(listText());
        else exit(await (options.broken ? proveBroken : prove)(options, terminal));
      }),
  );
}

async function prove(options: ProveOptions, terminal: Terminal): Promise<number> {
  const { seed, orders } = options;
  const scenarios = scenariosOf(options.scenario);
  const results = await play(
    scenarios.map(({ name }) => ({ scenario: name, seed, ...(orders !== undefined && { orders }) })),
    scenarios.reduce((sum, scenario) => sum + (orders ?? scenario.orders), 0),
    terminal,
  );
  const inOrder = scenarios.flatMap(({ name }) => results.find(({ scenario }) => scenario === name) ?? []);
  terminal.stdout.write(options.json ? toJson({ results: inOrder }) : reportText(inOrder));
  return results.some(({ violations }) => violations.length > 0) ? EXIT.findings : EXIT.done;
}

async function proveBroken({ seed, json }: ProveOptions, terminal: Terminal): Promise<number> {
  const results = await play(
    BROKEN_PRODUCTS.map(({ name, scenario }) => ({ scenario: scenario.name, seed, broken: name })),
    BROKEN_PRODUCTS.reduce((sum, { scenario }) => sum + scenario.orders, 0),
    terminal,
  );
  const products = BROKEN_PRODUCTS.flatMap(({ name, violates, scenario }) => {
    const result = results.find((one) => one.scenario === scenario.name);
    return result ? [{ name, violates, result }] : [];
  });
  terminal.stdout.write(json ? toJson({ products }) : brokenText(products));
  const isCaught = ({ violates, result }: (typeof products)[number]) =>
    result.violations.some(({ invariant }) => invariant === violates);
  return products.every(isCaught) ? EXIT.done : EXIT.findings;
}

/** Under a progress bar, on the terminal's error stream so that what is printed can be piped. */
async function play(
  assignments: readonly Assignment[],
  orders: number,
  terminal: Terminal,
): Promise<ScenarioResult[]> {
  const bar = new SingleBar({
    format:
      "{bar} {value}/{total} orders, {ended} of {scenarios} scenarios, {broken} broken, {duration_formatted}",
    stream: terminal.stderr,
    // Ctrl-C is this command's own affair.
    gracefulExit: false,
    stopOnComplete: false,
  });
  const results: ScenarioResult[] = [];
  const counts = () => ({
    ended: results.length,
    scenarios: assignments.length,
    broken: results.filter(({ violations }) => violations.length > 0).length,
  });
  const recording = await Recording.take();
  bar.start(orders, 0, counts());
  try {
    await playAll(assignments, recording, {
      signal: terminal.signal,
      onPosted: (posted) => bar.increment(posted, counts()),
      onResult: (result) => {
        results.push(result);
        bar.update(counts());
        // Where there is no bar, such as in a CI's log.
        if (!("isTTY" in terminal.stderr)) terminal.stderr.write(resultLine(result));
      },
    });
    return results;
  } finally {
    bar.stop();
  }
}

function scenariosOf(names: readonly string[]) {
  if (names.length === 0) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new CommandError(`There is no scenario ${name}. List them with --list.`);
  });
}

function listText(): string {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
  return SCENARIOS.map(
    ({ name, story, orders }) => `${name.padEnd(width)}  ${String(orders).padStart(7)}  ${story}\n`,
  ).join("");
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min}.`);
  };
}
