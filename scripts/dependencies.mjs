// Makes a fresh clone work: installs what is missing, and says so. Plain JavaScript, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = [20, 19];

/** Installs the packages of `package-lock.json` unless they are there already. Ends the process when it cannot. */
export function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    fail(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join(".")} or newer.`);
  if (isInstalled()) return;
  console.error("Installing the packages of package-lock.json (npm ci); this happens once ...");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) fail("npm ci failed, see above. Mend that, or run npm ci by hand, and try again.");
}

/** Whether node_modules holds every package of the lock file, in its version. npm keeps a list of what it installed. */
function isInstalled() {
  const installedList = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installedList)) return false;
  const wanted = packages(join(ROOT, "package-lock.json"));
  const installed = packages(installedList);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch (error) {
    return fail(`${file} cannot be read (${error.message}): get it back from git.`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
