import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Before the first test file: a folder for what one of them records and others need too. */
export default function setup() {
  process.env["TEST_RECORDINGS"] = mkdtempSync(join(tmpdir(), "test-recordings-"));
}
