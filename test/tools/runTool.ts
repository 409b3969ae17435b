import type { Terminal } from "../../tools/command";
import { TextSink } from "../../tools/textSink";

/** What a tool left behind. */
export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a tool in this process, in a terminal of its own.
 *
 * @param onOutput sees what the tool prints while it runs
 */
export async function runTool(
  command: (argv: readonly string[], terminal: Terminal) => Promise<number>,
  argv: readonly string[],
  world: Partial<Pick<Terminal, "env" | "projectRoot" | "signal">> = {},
  onOutput: (text: string) => void = () => undefined,
): Promise<ToolResult> {
  const stdout = new TextSink(onOutput);
  const stderr = new TextSink(onOutput);
  const signal = new AbortController().signal;
  const exitCode = await command(argv, {
    stdout,
    stderr,
    env: {},
    projectRoot: "/nowhere",
    signal,
    ...world,
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
