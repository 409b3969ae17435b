import { Writable } from "node:stream";
import type { Terminal } from "../../tools/command";

/** What a tool left behind. */
export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool in this process, in a terminal of its own. */
export async function runTool(
  command: (argv: readonly string[], terminal: Terminal) => Promise<number>,
  argv: readonly string[],
  world: Partial<Pick<Terminal, "env" | "projectRoot" | "signal">> = {},
): Promise<ToolResult> {
  const stdout = new TextSink();
  const stderr = new TextSink();
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

class TextSink extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
