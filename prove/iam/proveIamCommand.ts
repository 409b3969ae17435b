import { SingleBar } from "cli-progress";
import { CommandError, EXIT, runCommand, type Terminal } from "../../tools/command";
import { RECORDED_ORIGIN, Recording } from "../recording";
import { mutate } from "./mutations";
import { permissionsOf } from "./permissions";
import { playOn } from "./play";
import { isProven, reportJson, reportText } from "./report";
import { UNEXERCISED } from "./unexercised";

interface ProveIamOptions {
  readonly role?: string;
  readonly json?: true;
}

/**
 * `npm run prove:iam`: takes every permission out of its role or policy, one at a time, and shows which check of the order
 * flow fails without it. Exit code 0 when each is needed or explained, 1 when one is not, 2 for wrong usage.
 */
export function proveIamCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(argv, terminal, (command, exit) =>
    command
      .name("npm run prove:iam --")
      .description(
        "Takes each permission out of its role or policy, one at a time, and shows on a local run what fails without it: " +
          "what nothing needs does not belong in the program.",
      )
      .option(
        "--role <name>",
        "only the permissions of this role, or of a policy such as 'queue fulfillment'",
      )
      .option("--json", "print the result as JSON")
      .action(async (options: ProveIamOptions) => exit(await proveIam(options, terminal))),
  );
}

async function proveIam({ role, json }: ProveIamOptions, terminal: Terminal): Promise<number> {
  const begun = performance.now();
  const recording = await Recording.take();
  const permissions = permissionsOf(recording.at(RECORDED_ORIGIN));
  const holders = [...new Set(permissions.map(({ holder }) => holder))];
  if (role !== undefined && !holders.includes(role))
    throw new CommandError(`There is no role ${role}. There are: ${holders.join(", ")}.`);
  const bar = new SingleBar({
    format: "{bar} {value}/{total} permissions tried, {duration_formatted}",
    stream: terminal.stderr,
    // Ctrl-C is this command's own affair.
    gracefulExit: false,
    stopOnComplete: false,
  });
  bar.start(1, 0);
  try {
    const outcome = await mutate(permissions, playOn(recording, permissions), {
      unexercised: UNEXERCISED,
      ...(role !== undefined && { holder: role }),
      signal: terminal.signal,
      onProgress: (played, all) => {
        bar.setTotal(all);
        bar.update(played);
      },
    });
    const seconds = (performance.now() - begun) / 1_000;
    bar.stop();
    terminal.stdout.write(json ? reportJson(outcome, seconds) : reportText(outcome, seconds));
    return isProven(outcome) ? EXIT.done : EXIT.findings;
  } finally {
    bar.stop();
  }
}
