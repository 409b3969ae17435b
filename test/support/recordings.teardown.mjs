import { rmSync } from "node:fs";

/** After the last test file. */
export default function teardown() {
  rmSync(process.env["TEST_RECORDINGS"], { recursive: true });
}
