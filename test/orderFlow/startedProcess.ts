import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { waitFor } from "../support/waitFor";

const ROOT = resolve(__dirname, "../..");
/** Long enough for a start on a busy machine. */
export const STARTED = { timeoutMs: 60_000 };

export interface Outputs {
  readonly apiUrl: string;
  readonly ordersTableName: string;
  readonly ordersQueueUrl: string;
  readonly local: Readonly<Record<string, string>>;
}

/** `npm start` as a process, without npm. */
export class Started {
  printed = "";
  readonly outputsFile: string;
  private readonly child: ChildProcess;

  constructor(folder: string, env: Record<string, string> = {}) {
    this.outputsFile = join(folder, `${randomUUID()}.json`);
    this.child = spawn(process.execPath, ["scripts/run.mjs", "local/main.ts"], {
      cwd: ROOT,
      env: { ...process.env, PORT: "0", LOCAL_OUTPUTS_FILE: this.outputsFile, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (data: Buffer) => (this.printed += data.toString()));
  }

  async outputs(): Promise<Outputs> {
    await waitFor(() => {
      if (this.child.exitCode !== null) throw new Error(this.printed);
      return existsSync(this.outputsFile);
    }, STARTED);
    return JSON.parse(readFileSync(this.outputsFile, "utf8")) as Outputs;
  }

  /** The exit code; `null` when the signal killed it. */
  async end(signal: "SIGINT" | "SIGKILL" = "SIGINT"): Promise<number | null> {
    const exited = new Promise<number | null>((done) => this.child.once("exit", (code) => done(code)));
    this.child.kill(signal);
    return this.child.exitCode ?? (await exited);
  }

  /** Leaves nothing behind of a test that failed. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** The signal that has ended it. */
  async signal(): Promise<NodeJS.Signals> {
    return await waitFor(() => this.child.signalCode ?? undefined, STARTED);
  }

  async exitCode(): Promise<number> {
    return await waitFor(() => this.child.exitCode ?? undefined, STARTED);
  }
}
