import { createHash, randomUUID } from "node:crypto";
import jsonata from "jsonata";
import type { Clock } from "../clock";

/** The largest array that `$range` makes (Developer Guide, "Transforming data", JSONata functions). */
const LONGEST_RANGE = 1000;
const HASH_ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const formatTime = jsonata("$fromMillis($milliseconds, $picture, $timezone)");

/**
 * The functions that Step Functions adds to JSONata, or has otherwise (Developer Guide, "Transforming data with
 * JSONata"): the time is the clock's.
 */
export function registerFunctions(expression: jsonata.Expression, clock: Clock): void {
  expression.registerFunction("parse", (text: unknown) => parse(text));
  expression.registerFunction("uuid", () => randomUUID());
  expression.registerFunction("hash", (data: unknown, algorithm: unknown) => hash(data, algorithm));
  expression.registerFunction("partition", (array: unknown, size: unknown) => partition(array, size));
  expression.registerFunction("range", (first: unknown, last: unknown, step: unknown) =>
    range(first, last, step),
  );
  expression.registerFunction("random", (seed: unknown) => random(seed));
  expression.registerFunction("millis", () => clock.now());
  expression.registerFunction("now", (picture: unknown, timezone: unknown) =>
    formatTime.evaluate(undefined, { milliseconds: clock.now(), picture, timezone }),
  );
}

function parse(text: unknown): unknown {
  if (typeof text !== "string") throw new Error("$parse takes a string of JSON");
  return JSON.parse(text);
}

function hash(data: unknown, algorithm: unknown): string {
  const name = typeof algorithm === "string" ? HASH_ALGORITHMS[algorithm] : undefined;
  if (data === undefined || name === undefined)
    throw new Error(`$hash takes data and one of ${Object.keys(HASH_ALGORITHMS).join(", ")}`);
  return createHash(name)
    .update(typeof data === "string" ? data : JSON.stringify(data))
    .digest("hex");
}

function partition(array: unknown, size: unknown): unknown[][] {
  if (!Array.isArray(array) || !Number.isInteger(size) || Number(size) < 1)
    throw new Error("$partition takes an array and a positive whole size");
  const length = Number(size);
  const items: readonly unknown[] = array;
  return Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );
}

function range(first: unknown, last: unknown, step: unknown): number[] {
  if (![first, last, step].every(Number.isInteger) || step === 0)
    throw new Error("$range takes three whole numbers, the last of which is not 0");
  const length = Math.floor((Number(last) - Number(first)) / Number(step)) + 1;
  if (length > LONGEST_RANGE) throw new Error(`$range makes at most ${LONGEST_RANGE} numbers`);
  return Array.from({ length: Math.max(length, 0) }, (_, index) => Number(first) + index * Number(step));
}

/** The same seed gives the same number, from 0 up to but without 1. */
function random(seed: unknown): number {
  if (seed === undefined) return Math.random();
  if (typeof seed !== "number") throw new Error("$random takes a number as its seed");
  return createHash("sha256").update(String(seed)).digest().readUInt32BE() / 2 ** 32;
}
