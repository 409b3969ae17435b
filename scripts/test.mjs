// npm test: Jest with what it needs installed. Arguments go to Jest: npm test -- test/contracts
import { createRequire } from "node:module";
import { ensureDependencies, ROOT } from "./dependencies.mjs";

ensureDependencies();
process.chdir(ROOT);
await createRequire(import.meta.url)("jest").run(process.argv.slice(2));
