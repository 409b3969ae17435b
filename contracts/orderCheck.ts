import type * as z from "zod";
import { order, orderTotal, type Order } from "./order";

/** A character that JSON can carry escaped but that SQS and SNS refuse (SQS API reference, SendMessage). */
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** More reasons than this help nobody, and an item has a size limit. */
const REASONS_MAX = 20;

/** The verdict on what a client posted. */
export type OrderCheck =
  | { readonly valid: true; readonly order: Order }
  | { readonly valid: false; readonly reasons: readonly string[] };

/**
 * Checks the whole contract: the schema, and what a gateway model cannot say (the total, the characters).
 *
 * @param posted the parsed body of a message, hostile until this has returned
 */
export function checkOrder(posted: unknown): OrderCheck {
  const parsed = order.safeParse(posted);
  if (!parsed.success)
    return { valid: false, reasons: parsed.error.issues.slice(0, REASONS_MAX).map(describeIssue) };
  const reasons = [...totalReasons(parsed.data), ...characterReasons(parsed.data)];
  return reasons.length > 0
    ? { valid: false, reasons: reasons.slice(0, REASONS_MAX) }
    : { valid: true, order: parsed.data };
}

function totalReasons({ items, total }: Order): string[] {
  const sum = orderTotal(items);
  return sum === BigInt(total)
    ? []
    : [`total: is ${total}, but quantity x unitPrice of the items add up to ${sum}`];
}

function characterReasons(value: unknown, path = ""): string[] {
  if (typeof value === "string") {
    const refused = REFUSED_CHARACTER.exec(value)?.[0].codePointAt(0);
    if (refused === undefined) return [];
    const code = refused.toString(16).toUpperCase().padStart(4, "0");
    return [`${path}: holds the character U+${code}, which the queues do not carry`];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    characterReasons(member, path === "" ? key : `${path}.${key}`),
  );
}

/** Names the field and the rule, never the value: reasons are logged, values may be personal data. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return `${path === "" ? "order" : path}: has a field that no order has`;
  return `${path === "" ? "order" : path}: ${issue.message}`;
}
