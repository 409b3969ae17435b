import Table from "cli-table3";
import { INVARIANTS, type Invariant } from "./invariants";
import type { ScenarioResult } from "./runScenario";

/** What became of the orders of each scenario, as a table, and under it every promise that was broken. */
export function reportText(results: readonly ScenarioResult[]): string {
  const table = new Table({
    head: [
      "scenario",
      "orders",
      "delivered",
      "rejected",
      "dead letters",
      "faults",
      "redriven",
      "s",
      "violations",
    ],
    colAligns: ["left", ...Array.from({ length: 8 }, () => "right" as const)],
    style: { head: [], border: [] },
    // No line between the rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { scenario, orders, tally, faults, repair, seconds, violations } of results)
    table.push([
      scenario,
      orders,
      tally.delivered,
      tally.rejected,
      tally.deadLettered,
      faults,
      repair.redriven,
      seconds,
      violations.length,
    ]);
  return `${table.toString()}\n${results.map(paceText).join("")}${results.map(violationsText).join("")}${verdict(results)}\n`;
}

/** One scenario, in a line. */
export function resultLine({ scenario, orders, seconds, violations }: ScenarioResult): string {
  return `${scenario}: ${orders} orders, ${seconds} s, ${violations.length} violations\n`;
}

/** Of a run that is long enough to tell. */
function paceText({ scenario, orders, quarters }: ScenarioResult): string {
  if (orders < 20_000) return "";
  const speeds = quarters.map(({ ordersPerSecond }) => ordersPerSecond).join(", ");
  const memory = quarters.map(({ megabytes }) => megabytes).join(", ");
  return `${scenario}, by quarter: ${speeds} orders/s, ${memory} MB\n`;
}

function violationsText({ scenario, seed, orders, violations }: ScenarioResult): string {
  if (violations.length === 0) return "";
  const lines = violations.map(
    ({ invariant, detail, orderId, history }) =>
      `  broken: ${INVARIANTS[invariant]}\n    ${orderId === undefined ? "" : `order ${orderId}: `}${detail}\n` +
      (history === undefined ? "" : `${history.trimEnd().replaceAll(/^/gm, "      ")}\n`),
  );
  return `\n${scenario}:\n${lines.join("")}  again: npm run prove -- --seed ${seed} --scenario ${scenario} --orders ${orders}\n`;
}

function verdict(results: readonly ScenarioResult[]): string {
  const sum = (of: (result: ScenarioResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const orders = sum((result) => result.orders);
  const faults = sum((result) => result.faults);
  const broken = results.filter(({ violations }) => violations.length > 0).length;
  const summary = `${results.length} scenario${results.length === 1 ? "" : "s"}, ${orders} orders, ${faults} faults`;
  return broken === 0 ? `${summary}: nothing lost, nothing doubled` : `${summary}: ${broken} broken`;
}

/** Which promises a broken product has broken. */
export function brokenText(
  results: readonly {
    readonly name: string;
    readonly violates: Invariant;
    readonly result: ScenarioResult;
  }[],
): string {
  return results
    .map(({ name, violates, result }) => {
      const found = [...new Set(result.violations.map(({ invariant }) => invariant))];
      const verdict = found.includes(violates) ? "caught" : "NOT CAUGHT";
      return `${name.padEnd(28)} ${verdict}: ${found.map((invariant) => INVARIANTS[invariant]).join("; ")}\n`;
    })
    .join("");
}
