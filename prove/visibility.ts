import { DELIVERY_STATUS, ORDER_STATUS } from "../contracts/orderRecord";
import type { FailedMessage } from "../ops/failures/failedMessage";
import type { Examination } from "./invariants";
import type { Ledger } from "./ledger";
import type { Scenario } from "./scenario";
import { storedOrders } from "./standing";
import type { World } from "./world";

/** A younger order is within the retries of its hops: nothing has failed yet. */
const WITHIN_RETRIES_MS = 15 * 60_000;

/** What was to be seen before anything was repaired. */
export interface Signs {
  readonly alarms: ReadonlySet<string>;
  readonly failures: readonly FailedMessage[];
  /** Orders that are older than the retries and not delivered, and in no failure queue. */
  readonly waiting: readonly number[];
  /** Stored orders that are not delivered and do not say why. */
  readonly silent: readonly number[];
}

/**
 * Looks at what waits, as operators find it when they are called.
 *
 * @param found.postedAt when the last order came in; milliseconds since the epoch
 */
export async function lookForSigns(
  world: World,
  found: Pick<Signs, "failures" | "alarms"> & { readonly ledger: Ledger; readonly postedAt: number },
): Promise<Signs> {
  const { ledger, failures } = found;
  const { orders } = ledger;
  const isOld = world.now() - found.postedAt >= WITHIN_RETRIES_MS;
  const waiting = new Set(isOld ? ledger.acceptedOrders() : []);
  const silent: number[] = [];
  for await (const record of storedOrders(world)) {
    const n = orders.numberOf(record.orderId) ?? -1;
    if (record.status === ORDER_STATUS.rejected || record.delivery.status === DELIVERY_STATUS.delivered)
      waiting.delete(n);
    else if (record.delivery.lastError === undefined) silent.push(n);
  }
  for (const { orders: about } of failures)
    for (const { orderId } of about) waiting.delete(orders.numberOf(orderId) ?? -1);
  return { alarms: new Set(found.alarms), failures, waiting: [...waiting], silent };
}

/** An order that waits must be in a failure queue, or an alarm must be on; and what the scenario names was seen. */
export function examineSigns(
  { alarms, failures, waiting, silent }: Signs,
  { seen }: Scenario,
  examination: Examination,
): void {
  if (alarms.size === 0)
    for (const n of waiting)
      examination.violate(
        "visible",
        "it waits for more than 15 minutes, in no failure queue, and no alarm is on",
        n,
      );
  for (const name of seen?.alarms ?? [])
    if (!alarms.has(name)) examination.violate("visible", `the alarm ${name} was never on`);
  for (const queue of seen?.queues ?? [])
    if (!failures.some((message) => message.queue === queue))
      examination.violate("visible", `the failure queue ${queue} was empty`);
  if (seen?.lastErrors)
    for (const n of silent)
      examination.violate("visible", "its record does not say why it is not delivered", n);
}
