import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ResourceGraph } from "../../local/aws/resource";
import { recordInThread } from "../../local/engine/recordInThread";

const PROGRAM = resolve(__dirname, "../..");

/** Stands for the address that a local run has, which URLs of the graph begin with. */
const NO_ORIGIN = "http://127.0.0.1:9";

/**
 * The graph of a stack of this project for a local run at an address: recorded by the first test file that asks, read by
 * the others, which saves each of them three seconds.
 */
export async function recordedGraph(stack: string, origin: string): Promise<ResourceGraph> {
  const folder = process.env["TEST_RECORDINGS"];
  if (folder === undefined) throw new Error("There is no TEST_RECORDINGS: jest.config.mjs sets it up.");
  const file = join(folder, `${stack}.json`);
  if (!existsSync(file)) {
    const { graph } = await recordInThread({ directory: PROGRAM, stack, origin: NO_ORIGIN });
    // All at once: another file's worker may be looking for it.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(graph));
    renameSync(`${file}.${process.pid}`, file);
  }
  return JSON.parse(readFileSync(file, "utf8").replaceAll(NO_ORIGIN, origin)) as ResourceGraph;
}
