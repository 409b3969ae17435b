import { randomFillSync } from "node:crypto";

/** Asking for random bytes costs ten times as much as they do, so they come in blocks. */
const block = Buffer.allocUnsafe(4096);
let used = block.length;

/** Random bytes as text, for ids. @param bytes at most 4,096 */
export function randomText(bytes: number, encoding: "base64" | "hex"): string {
  if (used + bytes > block.length) {
    randomFillSync(block);
    used = 0;
  }
  used += bytes;
  return block.toString(encoding, used - bytes, used);
}
