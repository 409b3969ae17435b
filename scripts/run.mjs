// Runs one of the project's TypeScript programs, in this process so that signals reach it:
//   node scripts/run.mjs FILE [arguments]
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { ensureDependencies, ROOT } from "./dependencies.mjs";

ensureDependencies();
// The SDK's reminder that Node 20 ends in 2027; package.json says which versions are supported.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
const require = createRequire(import.meta.url);
require("tsx/cjs/api").register();
const [node, , file, ...rest] = process.argv;
const program = resolve(ROOT, file);
process.argv = [node, program, ...rest];
require(program);
