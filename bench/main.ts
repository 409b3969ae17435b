import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { bundledCode } from "../components/bundle";
import { deliver, measureLatency, type Latency } from "./latency";
import { LoadClient } from "./loadClient";
import { LocalProcess } from "./localProcess";
import { measureThroughput, type Throughput } from "./throughput";

interface Figures {
  /** Milliseconds from starting the process to the first order delivered. */
  readonly startMs: number;
  /** Milliseconds from Ctrl-C to the end of the process. */
  readonly stopMs: number;
  readonly latency: Latency & { readonly peakMegabytes: number | undefined };
  readonly throughput: Throughput;
  /** Kilobytes of each function's archive. */
  readonly bundleKilobytes: Readonly<Record<string, number>>;
}

/** What the figures are held against, on 2 cores with the load generator beside the run. */
function targets({ startMs, stopMs, latency, throughput, bundleKilobytes }: Figures) {
  return [
    ["start to first order delivered", `${startMs} ms`, "< 4,000 ms", startMs < 4_000],
    ["Ctrl-C to end", `${stopMs} ms`, "< 2,000 ms", stopMs < 2_000],
    [
      `throughput, ${throughput.orders} orders`,
      `${throughput.ordersPerSecond}/s`,
      ">= 500/s",
      throughput.ordersPerSecond >= 500,
    ],
    ["  by quarter", throughput.quarters.map((q) => `${q}/s`).join("  "), "", true],
    [
      "  last quarter to second",
      String(throughput.lastQuarterToSecond),
      ">= 0.8",
      throughput.lastQuarterToSecond >= 0.8,
    ],
    [
      "  lost, doubled",
      `${throughput.lost}, ${throughput.doubled}`,
      "0, 0",
      throughput.lost === 0 && throughput.doubled === 0,
    ],
    [
      "  peak memory",
      `${throughput.peakMegabytes ?? "?"} MB`,
      "< 600 MB",
      (throughput.peakMegabytes ?? 0) < 600,
    ],
    ["  by quarter", throughput.quarterMegabytes.map((mb) => `${mb ?? "?"} MB`).join("  "), "", true],
    [`latency at ${latency.ordersPerSecond}/s, p50`, `${latency.p50} ms`, "< 20 ms", latency.p50 < 20],
    ["  p99", `${latency.p99} ms`, "< 100 ms", latency.p99 < 100],
    ["  max", `${latency.max} ms`, "", true],
    ["  peak memory", `${latency.peakMegabytes ?? "?"} MB`, "< 600 MB", (latency.peakMegabytes ?? 0) < 600],
    ...Object.entries(bundleKilobytes).map(
      ([name, kilobytes]) => [`bundle ${name}`, `${kilobytes} KB`, "< 450 KB", kilobytes < 450] as const,
    ),
  ] as const;
}

async function main(): Promise<void> {
  const options = new Command("bench")
    .description("Measures the local run: start, throughput, latency, memory, bundle sizes.")
    .option("--json", "print the figures as JSON")
    .option("--orders <number>", "orders of the throughput run", "20000")
    .parse()
    .opts<{ json?: true; orders: string }>();
  const orders = Number(options.orders);
  if (!Number.isInteger(orders) || orders < 4)
    throw new Error(`--orders ${options.orders}: give a whole number of 4 or more.`);
  const figures = await measure(orders);
  if (options.json) return console.log(JSON.stringify(figures, undefined, 2));
  for (const [name, value, target, met] of targets(figures))
    console.log(
      `${name.padEnd(34)} ${value.padEnd(30)} ${target.padEnd(12)} ${met ? "" : "MISSED"}`.trimEnd(),
    );
}

async function measure(orders: number): Promise<Figures> {
  const started = performance.now();
  const first = await LocalProcess.start();
  const client = new LoadClient(first.outputs.apiUrl, await first.token("first"), 1);
  await deliver(client, 0);
  const startMs = Math.round(performance.now() - started);
  client.close();
  const latency = await withBar("latency", 1_500, (progress) =>
    measureLatency(first, { ordersPerSecond: 50, orders: 1_500 }, progress),
  );
  const latencyPeak = first.peakMegabytes();
  await first.stop();
  const second = await LocalProcess.start();
  const throughput = await withBar("throughput", orders, (progress) =>
    measureThroughput(second, orders, progress),
  );
  const stopMs = Math.round(await second.stop());
  const kilobytes = async (handler: string) =>
    Math.round(Buffer.byteLength(await bundledCode(handler)) / 102.4) / 10;
  return {
    startMs,
    stopMs,
    latency: { ...latency, peakMegabytes: latencyPeak },
    throughput,
    bundleKilobytes: {
      processOrders: await kilobytes("processOrders"),
      startDeliveries: await kilobytes("startDeliveries"),
      reconcileDeliveries: await kilobytes("reconcileDeliveries"),
    },
  };
}

/** Runs one measurement under a progress bar, on the terminal's error stream so that JSON stays clean. */
async function withBar<T>(
  name: string,
  total: number,
  work: (progress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const bar = new SingleBar({
    format: `${name} {bar} {value}/{total} orders, {duration_formatted}`,
    stream: process.stderr,
  });
  bar.start(total, 0);
  try {
    return await work((done) => bar.update(done));
  } finally {
    bar.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
