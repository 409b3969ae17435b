import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Node's option for a process that runs the Pulumi SDK: its errors come without colours. */
export const PLAIN_ERRORS = `--import=${pathToFileURL(join(__dirname, "plainErrors.mjs")).href}`;

/** The caller's environment, with nothing of Pulumi in it but what belongs to this run. */
export function pulumiEnvironment(ofThisRun: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return { ...Object.fromEntries(inherited), ...ofThisRun };
}
