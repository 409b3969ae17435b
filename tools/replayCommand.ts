import { SingleBar } from "cli-progress";
import { InvalidArgumentError } from "commander";
import { EXIT, runCommand, type Terminal } from "./command";
import { readOrderFile } from "./orderFile";
import { replayOrders, type Pace } from "./replayOrders";
import { replayExitCode, replayTable } from "./replayReport";
import { ReplayTally } from "./replayTally";
import { openTarget, targetOptions, type TargetOptions } from "./target";

interface ReplayCommandOptions extends Omit<TargetOptions, "clientId"> {
  readonly rate?: number;
  readonly concurrency: number;
  readonly timeout: number;
  readonly json?: true;
}

/** `npm run replay`: posts the orders of a file and says what became of them. Returns the exit code. */
export async function replayCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(argv, terminal, (command, exit) =>
    targetOptions(command)
      .name("npm run replay --")
      .description(
        "Posts the orders of a file, to the local run unless told otherwise, and follows them until they are " +
          "delivered. Order ids come from the file: sent again, it doubles nothing.",
      )
      .argument("<file>", 'CSV of the data set "Online Retail" (*.csv), or JSON lines, one order each')
      .option("--rate <orders>", "post so many orders a second, whatever the answers", number(0.001, 10_000))
      .option("--concurrency <orders>", "without --rate, post so many at a time", wholeNumber(1, 1_000), 32)
      .option("--timeout <seconds>", "for the delivery of an accepted order", number(0, 86_400), 120)
      .option("--json", "print the summary as JSON")
      .action(async (file: string, options: ReplayCommandOptions) =>
        exit(await replayFile(file, options, terminal)),
      ),
  );
}

async function replayFile(file: string, options: ReplayCommandOptions, terminal: Terminal): Promise<number> {
  const orders = await readOrderFile(file);
  const target = await openTarget(options, terminal);
  const tally = new ReplayTally(orders.length);
  const bar = progressBar(terminal, tally);
  bar.start(orders.length);
  try {
    await replayOrders(orders, target, {
      pace: paceOf(options),
      timeoutMs: options.timeout * 1_000,
      signal: terminal.signal,
      onAccepted: () => {
        tally.accepted++;
        bar.update();
      },
      onOutcome: (outcome) => {
        tally.add(outcome);
        bar.update();
      },
    });
  } finally {
    bar.stop();
    target.close();
    const summary = tally.summary();
    terminal.stdout.write(options.json ? `${JSON.stringify(summary, null, 2)}\n` : replayTable(summary));
  }
  return terminal.signal.aborted ? EXIT.interrupted : replayExitCode(tally.summary());
}

function paceOf({ rate, concurrency }: ReplayCommandOptions): Pace {
  return rate === undefined ? { concurrency } : { ordersPerSecond: rate };
}

/** Shown where someone looks at it, on stderr, so that the output can be piped. */
function progressBar(terminal: Terminal, tally: ReplayTally) {
  const counts = () => ({ accepted: tally.accepted, delivered: tally.delivered, refused: tally.refused });
  const bar = new SingleBar({
    format: "{bar} {value}/{total} | accepted {accepted}, delivered {delivered}, refused {refused}",
    stream: terminal.stderr,
    // Ctrl-C is this command's own affair.
    gracefulExit: false,
    stopOnComplete: false,
  });
  return {
    start: (orders: number) => bar.start(orders, 0, counts()),
    update: () => bar.update(tally.settled, counts()),
    stop: () => bar.stop(),
  };
}

/** Reads an option's number. */
function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = number(min, max)(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError("It must be a whole number.");
  };
}
