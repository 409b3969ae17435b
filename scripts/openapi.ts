import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openApi } from "../contracts/openapi";

/** `npm run openapi`: writes the OpenAPI document that the contracts give. */
const file = join(resolve(__dirname, ".."), "docs", "openapi.json");
writeFileSync(file, `${JSON.stringify(openApi(), undefined, 2)}\n`);
console.log(`Wrote ${file}.`);
