import { EXIT, printable, type Terminal } from "../../tools/command";
import { readOrderHistories } from "../history/orderHistory";
import type { OrderHistory } from "../history/model";
import type { CommonOptions } from "../opsCommand";
import { readDepth } from "../queues";
import type { Stack } from "../target";
import { historyText } from "./historyText";
import { withoutPersonalData } from "./privacy";
import { plural, toJson } from "./text";

export interface HistoryCommandOptions extends CommonOptions {
  readonly customer?: string;
  readonly searchSeconds: number;
  readonly verbose?: true;
}

/** `ops history` */
export async function history(
  stack: Stack,
  options: HistoryCommandOptions & { readonly orderId: string },
  { stdout, stderr, signal }: Terminal,
): Promise<number> {
  const { orderId, customer, verbose, searchSeconds } = options;
  const histories = await readOrderHistories(stack, orderId, {
    customerId: customer,
    searchMs: searchSeconds * 1_000,
    signal,
  });
  if (histories.length === 0) {
    stderr.write(`${await unknownOrder(stack, orderId, customer)}\n`);
    return EXIT.notFound;
  }
  if (options.json) stdout.write(toJson({ histories: histories.map((one) => shown(one, verbose)) }));
  else stdout.write(histories.map((one) => historyText(one, verbose === true)).join("\n"));
  return EXIT.done;
}

function shown(one: OrderHistory, verbose: true | undefined): unknown {
  return verbose ? one : withoutPersonalData(one);
}

/** Nobody can look for a message on the order queue without taking one of its receives: the queue's depth must do. */
async function unknownOrder(stack: Stack, orderId: string, customer: string | undefined): Promise<string> {
  const queue = await readDepth(stack, { name: "orders", role: "orders", url: stack.outputs.ordersQueueUrl });
  const waiting = queue.visible + queue.inFlight + queue.delayed;
  const whose = customer === undefined ? "" : ` of customer ${printable(customer)}`;
  return [
    `There is no order ${orderId}${whose}: it is not stored, and no failure queue has it.`,
    waiting === 0
      ? "No order waits to be stored."
      : `The order queue holds ${plural(waiting, "message")} to be stored: if it was accepted just now, look again.`,
  ].join(" ");
}
