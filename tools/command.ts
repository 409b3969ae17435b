import { setMaxListeners } from "node:events";
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";

/** The exit codes of the tools. */
export const EXIT = {
  done: 0,
  /** Something failed on the way; of an order service: an order was not delivered. */
  notDelivered: 1,
  wrongUsage: 2,
  /** Of the operators' commands: no such stack, no credentials, no answer. */
  unreachable: 3,
  /** Of the operators' commands: there is no such order. */
  notFound: 4,
  interrupted: 130,
} as const;

/** What a command has of the world; a test brings its own. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the Pulumi program. */
  readonly projectRoot: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Something that the one who called the command can mend. Ends it with this one line and the exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.wrongUsage;
  }
}

/**
 * Runs a command, turning whatever goes wrong into one line on stderr and an exit code.
 *
 * @param command whose action does the work and tells the exit code by `exit`
 */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal,
  define: (command: Command, exit: (code: number) => void) => void,
): Promise<number> {
  let exitCode: number = EXIT.done;
  const command = new Command().exitOverride().configureOutput({
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
  });
  define(command, (code) => (exitCode = code));
  try {
    await command.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    // Help and usage errors: already printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    if (terminal.signal.aborted) return EXIT.interrupted;
    terminal.stderr.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.notDelivered;
  }
}

/** Runs a command as this process: the first Ctrl-C lets it finish what it has to say, a second one ends it at once. */
export function runAsProcess(run: (argv: readonly string[], terminal: Terminal) => Promise<number>): void {
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal);
  process.once("SIGINT", () => interrupt.abort());
  const { stdout, stderr, env } = process;
  const terminal = { stdout, stderr, env, projectRoot: resolve(__dirname, ".."), signal: interrupt.signal };
  void run(process.argv.slice(2), terminal).then((code) => {
    process.exitCode = code;
  });
}

/** Text of others as one line without control characters, which a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
