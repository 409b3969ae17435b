import type { Operator } from "./operator";
import { countUndelivered } from "./standing";
import type { Watch } from "./watch";
import type { World } from "./world";

/** The reconciler takes an order up after 15 minutes, and again 15 and 30 later: several attempts fit in. */
const REPAIR_MINUTES = 90;

/** What an operator's redrive sets off is over by then: a redriven message may wait for a visibility timeout. */
const AFTERMATH_MINUTES = 12;

/** An operator who has redriven everything so often and still finds something has found a fault. */
const ROUNDS = 5;

/** How the repair went. */
export interface Repair {
  /** Messages that the operator sent on their way. */
  readonly redriven: number;
  /** Minutes of the run's clock until nothing was under way. */
  readonly minutes: number;
}

/**
 * Lets everything come to its end once the faults are over: retries, visibility timeouts, the reconciler; then an
 * operator redrives every failure queue, until nothing is under way and nothing can be redriven. It is bounded: what is
 * left then is a violation.
 */
export async function settle(
  { world, watch, operator }: { readonly world: World; readonly watch: Watch; readonly operator: Operator },
  repairMinutes = REPAIR_MINUTES,
): Promise<Repair> {
  let redriven = 0;
  let minutes = await untilNothingIsUnderWay(world, watch, repairMinutes);
  for (let round = 0; round < ROUNDS; round++) {
    const sent = await operator.redriveAll();
    if (sent === 0) break;
    redriven += sent;
    minutes += await untilNothingIsUnderWay(world, watch, repairMinutes);
  }
  return { redriven, minutes };
}

/** @returns how many minutes passed, at most some more than the given number */
async function untilNothingIsUnderWay(world: World, watch: Watch, atMost: number): Promise<number> {
  let minutes = 0;
  for (let quiet = 0; quiet < AFTERMATH_MINUTES && minutes < atMost + AFTERMATH_MINUTES; minutes++) {
    await watch.pass(1);
    const busy = (await watch.waiting()) > 0 || (await countUndelivered(world)) > 0;
    quiet = busy ? 0 : quiet + 1;
  }
  return minutes;
}
