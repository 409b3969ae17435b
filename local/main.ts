import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createRequire } from "node:module";
import type * as LocalConsole from "../console/localConsole";
import { exampleOrder } from "../examples/order";
import { InjectedError } from "./faults/injectedError";
import { readFaultsSetting } from "./faults/setting";
import { LocalRun, type LocalOutputs } from "./localRun";
import type { Pages } from "./routes";

const ROOT = resolve(__dirname, "..");

/** Where a running stack's outputs stand, for tools. */
const OUTPUTS_FILE = process.env["LOCAL_OUTPUTS_FILE"] ?? join(ROOT, ".local", "outputs.json");

/** `npm start`: hosts a stack on this machine until Ctrl-C. */
async function main(): Promise<void> {
  const stack = process.env["STACK"] ?? "dev";
  const stateFolder = process.env["LOCAL_STATE_DIR"];
  const faults = readFaultsSetting(process.env["LOCAL_FAULTS"]);
  await forgetDeadRun();
  const run = await LocalRun.start({
    directory: ROOT,
    stack,
    port: readPort(),
    stateFolder,
    pages: consolePages,
    faults: faults && { ...faults, killProcess: () => process.kill(process.pid, "SIGKILL") },
    onFault: reportFault,
  });
  stopOnSignal(run);
  writeOutputs(run);
  console.log(await welcome(run, stack, stateFolder));
}

function readPort(): number {
  const text = process.env["PORT"] ?? "4000";
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT=${text} is not a port: give a number from 0 to 65535, 0 picks a free one.`);
  return port;
}

/** The operators' console, loaded when the first browser comes: a start without one takes no longer. */
function consolePages(outputs: LocalOutputs): Pages {
  let opened: Pages | undefined;
  const open = () => {
    const { localConsole } = createRequire(__filename)("../console/localConsole") as typeof LocalConsole;
    return localConsole(outputs);
  };
  return {
    handle: (request, response) => (opened ??= open()).handle(request, response),
    stop: () => opened?.stop(),
  };
}

function stopOnSignal(run: LocalRun): void {
  const stop = () => {
    forgetOutputs(run);
    run.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        reportFault(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

/** All at once: whoever waits for the file never reads half of it. */
function writeOutputs(run: LocalRun): void {
  mkdirSync(dirname(OUTPUTS_FILE), { recursive: true });
  const draft = `${OUTPUTS_FILE}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(run.outputs, undefined, 2)}\n`);
  renameSync(draft, OUTPUTS_FILE);
}

/** A killed run leaves its outputs behind: whoever waits for ours must not find those. */
async function forgetDeadRun(): Promise<void> {
  if (!existsSync(OUTPUTS_FILE)) return;
  const consoleUrl = /"consoleUrl": "([^"]+)"/.exec(readFileSync(OUTPUTS_FILE, "utf8"))?.[1];
  const isAlive =
    consoleUrl !== undefined &&
    (await fetch(consoleUrl).then(
      () => true,
      () => false,
    ));
  if (!isAlive) rmSync(OUTPUTS_FILE, { force: true });
}

/** Unless another run has written its own there since. */
function forgetOutputs(run: LocalRun): void {
  const isOwn =
    existsSync(OUTPUTS_FILE) && readFileSync(OUTPUTS_FILE, "utf8").includes(run.outputs.local.tokenUrl);
  if (isOwn) rmSync(OUTPUTS_FILE);
}

function reportFault(error: unknown): void {
  const isInjected = [error, (error as { cause?: unknown } | undefined)?.cause].some(
    (each) => each instanceof InjectedError,
  );
  if (isInjected) console.error((error as Error).message);
  else console.error("Fault of the local run:", error);
}

/** Whoever wonders why calls fail is to see it at once. */
function faultsNotice({ faults, outputs }: LocalRun): string {
  const { faultsUrl } = outputs.local;
  if (faultsUrl === undefined) return "";
  const { plan } = faults.report();
  const state = plan
    ? `FAULTS ARE ON: calls fail on purpose, by ${plan.rules.length} rules with the seed ${plan.seed}`
    : "FAULTS CAN BE SWITCHED ON, and the clock moved, by whoever reaches this run";
  return `\n*** ${state}. PUT a plan to ${faultsUrl}, DELETE it to end them. ***\n`;
}

async function welcome(run: LocalRun, stack: string, stateFolder: string | undefined): Promise<string> {
  const token = await run.accessToken("customer-1", "orders/write orders/read");
  const order = exampleOrder();
  const api = String(run.outputs["apiUrl"]);
  return `${faultsNotice(run)}
The ${stack} stack runs on this machine: ${run.outputs.local.consoleUrl}
${stateFolder === undefined ? "Its data is gone when it ends." : `Its data is kept in ${stateFolder}.`} Ctrl-C ends it.

Post an order (paste this into another terminal):

curl -i ${api}/orders \\
  -H 'Authorization: Bearer ${token}' \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(order)}'

See it delivered:

curl ${api}/orders/${order.orderId} -H 'Authorization: Bearer ${token}'

A token for another customer: POST {"sub":"customer-2","scope":"orders/write orders/read"} to ${run.outputs.local.tokenUrl}
The AWS CLI works with --endpoint-url ${run.outputs.local.awsEndpointUrl} and any credentials, made-up ones too.
`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
});
