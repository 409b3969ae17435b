import { ORDER_STATUS } from "../../contracts/orderRecord";
import { EXIT, type Terminal } from "../../tools/command";
import type { CommonOptions } from "../opsCommand";
import { followOrders, type OrderChange } from "../tail";
import type { Stack } from "../target";
import { standing } from "./orders";
import { cell, plural, seconds, time } from "./text";

export interface TailOptions extends CommonOptions {
  readonly customer?: string;
}

/** `ops tail` */
export async function tail(
  stack: Stack,
  options: TailOptions,
  { stdout, stderr, signal }: Terminal,
): Promise<number> {
  const changes = await followOrders(stack, signal);
  stderr.write(`Following the orders of ${stack.name}. Ctrl-C ends it.\n`);
  for await (const change of changes) {
    const { order: _content, ...record } = change.record;
    if (options.customer !== undefined && record.customerId !== options.customer) continue;
    stdout.write(
      options.json
        ? `${JSON.stringify({ ...change, changedAt: new Date(change.changedAt).toISOString(), record })}\n`
        : `${changeText(change)}\n`,
    );
  }
  // Ended by Ctrl-C, as it should be.
  return EXIT.done;
}

function changeText({ record, changedAt, isNew }: OrderChange): string {
  return `${time(changedAt)}  ${record.orderId}  ${cell(record.customerId)}  ${isNew ? "stored  " : ""}${movement({ record, isNew, changedAt })}`;
}

function movement({ record, isNew }: OrderChange): string {
  if (record.status === ORDER_STATUS.rejected)
    return `${standing(record)}: ${cell(record.reasons.join("; "))}`;
  const { status, attempts, deliveredAt, lastError } = record.delivery;
  if (isNew && attempts === 0) return record.status;
  const after =
    deliveredAt === undefined
      ? ""
      : ` after ${seconds(Date.parse(deliveredAt) - Date.parse(record.placedAt))}`;
  const error = lastError === undefined ? "" : `: ${cell(lastError)}`;
  return `${status}${after}, ${plural(attempts, "attempt")}${error}`;
}
