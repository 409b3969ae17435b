import type { MetricStore } from "../../../local/cloudwatch/metricStore";

const MINUTE_MS = 60_000;

/** The sums of every metric of a namespace since the start, by name, whatever its dimensions. */
export function totals(metrics: MetricStore, namespace: string): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const series of metrics.all()) {
    if (series.id.namespace !== namespace) continue;
    const values = series.byPeriod(0, Infinity, MINUTE_MS).map(([, { sum }]) => sum);
    sums[series.id.name] = values.reduce((total, sum) => total + sum, sums[series.id.name] ?? 0);
  }
  return sums;
}
