import type { Scenario } from "../scenario";

/** While so many parts of the orders come in. */
const KILLS = 3;

/** The whole run is killed. */
export const KILLED: readonly Scenario[] = [
  {
    name: "killed-and-restarted",
    story:
      "The run's process is killed without a warning again and again, and started again with its state folder.",
    orders: 800,
    ownProcess: true,
    during: (posted, world, orders) =>
      posted % Math.ceil(orders / (KILLS + 1)) === 0 ? world.killAndRestart() : undefined,
    // Executions do not outlive the process: what was under way is undelivered.
    lastsMinutes: 17,
  },
];
