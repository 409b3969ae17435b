import { setMaxListeners } from "node:events";
import { Recording } from "./recording";
import { runScenario, type ScenarioResult } from "./runScenario";
import { BROKEN_PRODUCTS } from "./brokenProducts";
import { SCENARIOS } from "./scenarios";

/** What a process is told to play. */
export interface Assignment {
  /** With the first. */
  readonly recording?: string;
  readonly scenario: string;
  readonly seed: number;
  readonly orders?: number;
  /** The name of a product that is broken on purpose. */
  readonly broken?: string;
}

/** What it answers. */
export type Report =
  | { readonly type: "posted"; readonly orders: number }
  | { readonly type: "done"; readonly result: ScenarioResult }
  | { readonly type: "failed"; readonly message: string };

let recording: Recording | undefined;

const interrupt = new AbortController();
setMaxListeners(0, interrupt.signal);
// Ctrl-C reaches every process of the terminal; the first one ends this one.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", (assignment: Assignment) => void answer(assignment));

async function answer(assignment: Assignment): Promise<void> {
  try {
    tell({ type: "done", result: await play(assignment) });
  } catch (error) {
    tell({
      type: "failed",
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

function play({ recording: json, scenario: name, broken, ...options }: Assignment): Promise<ScenarioResult> {
  if (json !== undefined) recording = new Recording(json);
  const product = BROKEN_PRODUCTS.find((one) => one.name === broken);
  const scenario = product?.scenario ?? SCENARIOS.find((one) => one.name === name);
  if (!recording || !scenario) throw new Error(`There is nothing to play for ${name}.`);
  let told = 0;
  return runScenario(scenario, recording, {
    ...options,
    signal: interrupt.signal,
    ...(product && { change: product.change }),
    onProgress: (posted) => {
      if (posted - told < 50) return;
      tell({ type: "posted", orders: posted - told });
      told = posted;
    },
  });
}

function tell(report: Report): void {
  process.send?.(report);
}
