import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { waitFor } from "../support/waitFor";
import { FakeOrderService } from "./fakeOrderService";

const ROOT = resolve(__dirname, "../..");
const FILE = resolve(__dirname, "fixtures/online-retail-16-invoices.csv");

/** Runs a tool as `npm run` does, in a process of its own. */
function start(script: string, ...argv: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [resolve(ROOT, "scripts/run.mjs"), script, ...argv]);
}

async function result(child: ChildProcessWithoutNullStreams) {
  const exited = new Promise<number | null>((done) => child.once("exit", done));
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => text(stream ?? [])),
  );
  return { exitCode: await exited, stdout, stderr };
}

it("prints the summary so far and exits with 130 on SIGINT", async () => {
  const service = await FakeOrderService.start({
    read: (stored) => ({ status: 200, body: { ...stored, delivery: { status: "PENDING", attempts: 0 } } }),
  });
  const child = start("tools/replay.ts", FILE, "--url", service.apiUrl, "--token", "token-of-shopper");
  const ended = result(child);
  await waitFor(() => service.stored.size === 12, { timeoutMs: 20_000 });
  child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await ended;
  expect(stdout).toMatch(/stopped before their end/);
  expect([exitCode, stderr]).toEqual([130, ""]);
  await service.close();
});

it.each(["tools/replay.ts", "tools/smoke.ts", "ops/main.ts"])(
  "%s tells a wrong option in one line and exits with 2",
  async (script) => {
    await expect(result(start(script, "--nonsense"))).resolves.toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "error: unknown option '--nonsense'\n",
    });
  },
);
