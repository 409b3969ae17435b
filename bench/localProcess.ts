import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";

const outputsSchema = z.looseObject({
  apiUrl: z.string(),
  ordersTableName: z.string(),
  downstreamQueueUrls: z.record(z.string(), z.string()),
  local: z.looseObject({ awsEndpointUrl: z.string(), tokenUrl: z.string(), consoleUrl: z.string() }),
});

export type LocalOutputs = z.infer<typeof outputsSchema>;

/** `npm start` as a user runs it: a process of its own. */
export class LocalProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly outputs: LocalOutputs,
  ) {
    process.once("exit", this.killAtOnce);
  }

  /**
   * Starts a run on a free port and waits until it takes orders.
   *
   * @param env settings of its own, such as another port
   * @throws Error with the run's own output when it ends instead
   */
  static async start(env: NodeJS.ProcessEnv = {}): Promise<LocalProcess> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const file = join(folder, "outputs.json");
    const child = spawn(process.execPath, ["scripts/run.mjs", "local/main.ts"], {
      cwd: resolve(__dirname, ".."),
      env: { ...process.env, PORT: "0", ...env, LOCAL_OUTPUTS_FILE: file },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    child.stdout.on("data", (data: Buffer) => (printed += data.toString()));
    child.stderr.on("data", (data: Buffer) => (printed += data.toString()));
    while (!existsSync(file)) {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${printed}`);
      await delay(5);
    }
    return new LocalProcess(child, folder, outputsSchema.parse(JSON.parse(readFileSync(file, "utf8"))));
  }

  /** An access token for one customer, with every scope of the API. */
  async token(sub: string): Promise<string> {
    const answer = await fetch(this.outputs.local.tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sub, scope: "orders/write orders/read", expiresIn: 86_400 }),
    });
    return z.object({ accessToken: z.string() }).parse(await answer.json()).accessToken;
  }

  /** The most memory that the process ever had, in megabytes; `undefined` where /proc does not tell. */
  peakMegabytes(): number | undefined {
    return this.memory("VmHWM");
  }

  /** The memory that the process has now, in megabytes; `undefined` where /proc does not tell. */
  megabytes(): number | undefined {
    return this.memory("VmRSS");
  }

  /** Ctrl-C: resolves when the process has ended, with the milliseconds that took. */
  async stop(): Promise<number> {
    const started = performance.now();
    await this.end("SIGINT");
    return performance.now() - started;
  }

  /** `kill -9`: resolves when the process is gone. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  /** A run must not outlive whoever started it. */
  private readonly killAtOnce = () => void this.child.kill("SIGKILL");

  private async end(signal: NodeJS.Signals): Promise<void> {
    process.off("exit", this.killAtOnce);
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill(signal);
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private memory(field: "VmHWM" | "VmRSS"): number | undefined {
    const file = `/proc/${this.child.pid}/status`;
    if (!existsSync(file)) return undefined;
    const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(file, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  }
}
