/**
 * Records the sample program, broken in each of the ways named by the arguments, and prints the errors as JSON. A process
 * of its own: inside Jest an unhandled rejection of the program would be Jest's.
 */
import { join } from "node:path";
import { recordInProcess } from "../../../local/engine/inProcess";

const ENDLESS: ReadonlySet<string> = new Set(["hang", "never"]);

async function errorOf(sabotage: string): Promise<string | null> {
  try {
    const directory = join(__dirname, "sample");
    const origin = "http://127.0.0.1:4000";
    await recordInProcess({
      directory,
      stack: "dev",
      origin,
      timeoutMs: ENDLESS.has(sabotage) ? 500 : 60_000,
      config: { sabotage },
    });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(sabotages: readonly string[]): Promise<void> {
  const errors: Record<string, string | null> = {};
  for (const sabotage of sabotages) errors[sabotage] = await errorOf(sabotage);
  process.stdout.write(JSON.stringify(errors));
}

void main(process.argv.slice(2));
