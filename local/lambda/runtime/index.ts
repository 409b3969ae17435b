import { buildSync } from "esbuild";
import { join } from "node:path";

let bundled: string | undefined;

/** The source of a worker thread that runs a function: `main.ts` and what it imports, as plain JavaScript. */
export function runtimeSource(): string {
  if (bundled !== undefined) return bundled;
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "main.ts")],
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    write: false,
  });
  const [output] = outputFiles;
  if (!output) throw new Error("esbuild wrote nothing for the functions' runtime.");
  return (bundled = output.text);
}
