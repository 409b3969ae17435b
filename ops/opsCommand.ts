import { createRequire } from "node:module";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { UUID_PATTERN } from "../contracts/order";
import { runCommand, type Terminal } from "../tools/command";
import { explainAwsError } from "./awsErrors";
import type * as Failures from "./commands/failures";
import type * as History from "./commands/history";
import type * as Orders from "./commands/orders";
import type * as Redrive from "./commands/redrive";
import type * as Status from "./commands/status";
import type * as Tail from "./commands/tail";
import { openStack, type Stack } from "./target";

/** Options of every command. */
export interface CommonOptions {
  readonly stack?: string;
  readonly json?: true;
}

/** Does what a command is for, on a stack; tells the exit code. */
type Run<Options> = (stack: Stack, options: Options, terminal: Terminal) => Promise<number>;

/** A command's own modules are loaded when it runs: the SDK's clients take their time. */
const load = createRequire(__filename);

const STACK_HELP = "a deployed stack, by the Pulumi CLI and your AWS credentials (default: the local run)";

/**
 * `npm run ops`: shows operators every order's history and repairs what has failed. Returns the exit code.
 *
 * @param open finds the stack; a test looks over its shoulder
 */
export async function opsCommand(
  argv: readonly string[],
  terminal: Terminal,
  open: typeof openStack = openStack,
): Promise<number> {
  return await runCommand(argv, terminal, (program, exit) => {
    program
      .name("npm run ops --")
      .description("Shows operators every order's history, and repairs what has failed.");
    const command = (name: string, description: string) =>
      program
        .command(name)
        .description(description)
        .option("--stack <name>", STACK_HELP)
        .option("--json", "print JSON for programs");
    const on = async <Options extends CommonOptions>(
      options: Options,
      run: () => Run<Options>,
    ): Promise<void> => {
      const stack = await open(options.stack, terminal);
      try {
        exit(await run()(stack, options, terminal));
      } catch (error) {
        throw explainAwsError(error, stack);
      } finally {
        stack.close();
      }
    };
    lookingCommands(command, on);
    repairCommands(command, on);
  });
}

type Define = (name: string, description: string) => Command;
type On = <Options extends CommonOptions>(options: Options, run: () => Run<Options>) => Promise<void>;

function lookingCommands(command: Define, on: On): void {
  command("history", "tells all that is known of one order")
    .argument("<order-id>", "the order's id", orderId)
    .option("--customer <id>", "only this customer's order: ids are unique per customer only")
    .option("--search-seconds <seconds>", "search the workflow's log for so long", wholeNumber(1, 3_600), 20)
    .option("--verbose", "with the payloads, which hold personal data")
    .action((id: string, options: History.HistoryCommandOptions) =>
      on({ ...options, orderId: id }, () => (load("./commands/history") as typeof History).history),
    );
  command("orders", "lists orders")
    .option("--customer <id>", "of one customer")
    .option("--undelivered", "only those that are placed and not delivered, the longest waiting first")
    .option("--rejected", "only those that were rejected")
    .option("--since <span>", "only those placed within, such as 90s, 15m, 1h, 7d", timeSpan)
    .option("--limit <orders>", "at most so many", wholeNumber(1, 10_000), 50)
    .option(
      "--scan-limit <orders>",
      "where the table is scanned, look at so many",
      wholeNumber(1, 1e9),
      20_000,
    )
    .action((options: Orders.OrdersOptions) =>
      on(options, () => (load("./commands/orders") as typeof Orders).orders),
    );
  command("status", "shows how the stack is doing")
    .option("--count", "count the orders by status, which scans the table")
    .option("--scan-limit <orders>", "with --count, look at so many orders", wholeNumber(1, 1e9), 200_000)
    .action((options: Status.StatusOptions) =>
      on(options, () => (load("./commands/status") as typeof Status).status),
    );
  command("tail", "follows orders as they move, until Ctrl-C")
    .option("--customer <id>", "of one customer")
    .action((options: Tail.TailOptions) => on(options, () => (load("./commands/tail") as typeof Tail).tail));
}

function repairCommands(command: Define, on: On): void {
  command("failures", "shows every message in the dead-letter and failure queues")
    .argument("[queue]", "only of this queue, by its key in the stack's deadLetterQueueUrls")
    .option("--limit <messages>", "of each queue at most so many", wholeNumber(1, 100_000), 1_000)
    .option("--verbose", "with the messages, which hold personal data")
    .action((queue: string | undefined, options: Failures.FailuresOptions) =>
      on(
        { ...options, ...(queue !== undefined && { queue }) },
        () => (load("./commands/failures") as typeof Failures).failures,
      ),
    );
  command(
    "redrive",
    "sends failed messages and deliveries on their way again; without --yes it only says what it would do",
  )
    .argument("[queue]", "the messages of this dead-letter or failure queue")
    .option("--order <order-id>", "whatever is about this order: messages, and its delivery", orderId)
    .option("--reason <text>", "messages and deliveries whose reason or error contains this")
    .option("--yes", "do it")
    .option("--rate <messages>", "at most so many a second", wholeNumber(1, 500), 50)
    .option("--limit <messages>", "of each queue at most so many", wholeNumber(1, 100_000), 1_000)
    .option(
      "--force",
      "also what makes no sense to send again, such as a message that is no order, or may be under way",
    )
    .option("--audit <file>", "where a line of JSON per message is added (default: .local/redrive.jsonl)")
    .action((queue: string | undefined, options: Redrive.RedriveOptions) =>
      on(
        { ...options, ...(queue !== undefined && { queue }) },
        () => (load("./commands/redrive") as typeof Redrive).redrive,
      ),
    );
}

/** @throws InvalidArgumentError */
function orderId(text: string): string {
  const id = text.toLowerCase();
  if (UUID_PATTERN.test(id)) return id;
  throw new InvalidArgumentError("An order's id is a UUID, such as 0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50.");
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

const SPAN_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time span in milliseconds. */
function timeSpan(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const length = SPAN_UNITS[unit];
  if (length !== undefined) return Number(count) * length;
  throw new InvalidArgumentError("It must be a time span, such as 90s, 15m, 1h or 7d.");
}
