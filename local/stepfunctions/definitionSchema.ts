import * as z from "zod";
import { CATCHER, RETRIER } from "./retry";

/** The fields of the Amazon States Language in JSONata mode; an unknown one is refused by name. */

const TEXT = z.string();
const COMMON = { Comment: TEXT.optional(), QueryLanguage: z.literal("JSONata").optional() };
const ASSIGN = z.record(z.string(), z.unknown()).optional();
const VALUE = z.unknown().optional();
const NEXT = { Next: TEXT.optional(), End: z.literal(true).optional() };
/** A whole number of seconds, or an expression that gives one. */
const SECONDS = z.union([z.number().int().min(0).max(99_999_999), TEXT]);

export const DEFINITION = z.strictObject({
  Comment: TEXT.optional(),
  QueryLanguage: TEXT.optional(),
  Version: TEXT.optional(),
  StartAt: TEXT,
  TimeoutSeconds: z.number().int().min(1).max(99_999_999).optional(),
  States: z.record(TEXT, z.record(TEXT, z.unknown())),
});

export const PASS = z.strictObject({
  ...COMMON,
  ...NEXT,
  Type: z.literal("Pass"),
  Output: VALUE,
  Assign: ASSIGN,
});

export const SUCCEED = z.strictObject({ ...COMMON, Type: z.literal("Succeed"), Output: VALUE });

export const FAIL = z.strictObject({
  ...COMMON,
  Type: z.literal("Fail"),
  Error: TEXT.optional(),
  Cause: TEXT.optional(),
});

export const WAIT = z.strictObject({
  ...COMMON,
  ...NEXT,
  Type: z.literal("Wait"),
  Seconds: SECONDS.optional(),
  Timestamp: TEXT.optional(),
  Output: VALUE,
  Assign: ASSIGN,
});

export const CHOICE = z.strictObject({
  ...COMMON,
  Type: z.literal("Choice"),
  Choices: z
    .array(
      z.strictObject({
        Comment: TEXT.optional(),
        Condition: z.union([TEXT, z.boolean()]),
        Next: TEXT,
        Output: VALUE,
        Assign: ASSIGN,
      }),
    )
    .min(1),
  Default: TEXT.optional(),
  Output: VALUE,
  Assign: ASSIGN,
});

export const TASK = z.strictObject({
  ...COMMON,
  ...NEXT,
  Type: z.literal("Task"),
  Resource: TEXT,
  Arguments: VALUE,
  Output: VALUE,
  Assign: ASSIGN,
  TimeoutSeconds: SECONDS.optional(),
  Retry: z.array(RETRIER).default([]),
  Catch: z.array(CATCHER).default([]),
});
