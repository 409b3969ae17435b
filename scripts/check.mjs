// npm run check: format, lint (floating promises included) and types.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ensureDependencies, ROOT } from "./dependencies.mjs";

ensureDependencies();
const require = createRequire(import.meta.url);

/** The program that a package's `bin` names. */
function bin(packageName, name = packageName) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin: bins } = require(manifest);
  return join(dirname(manifest), typeof bins === "string" ? bins : bins[name]);
}

const checks = [
  ["format", bin("prettier"), ["--check", "--log-level=warn", "."]],
  ["lint", bin("eslint"), ["--max-warnings=0", "."]],
  ["types", bin("typescript", "tsc"), ["--noEmit", "-p", "."]],
  ["types of the console's browser part", bin("typescript", "tsc"), ["--noEmit", "-p", "console/browser"]],
];
const failed = checks.filter(([name, program, args]) => {
  console.log(`check: ${name}`);
  return spawnSync(process.execPath, [program, ...args], { cwd: ROOT, stdio: "inherit" }).status !== 0;
});
if (failed.length > 0) {
  console.error(
    `Failed: ${failed.map(([name]) => name).join(", ")}. npx prettier --write . mends the format.`,
  );
  process.exit(1);
}
