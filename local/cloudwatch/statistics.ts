import type { StatisticSet } from "./metricStore";

export const STATISTICS = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"] as const;
export type Statistic = (typeof STATISTICS)[number];

const OF: Readonly<Record<Statistic, (set: StatisticSet) => number>> = {
  Average: ({ sum, sampleCount }) => sum / sampleCount,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ sampleCount }) => sampleCount,
  Sum: ({ sum }) => sum,
};

export function statisticOf(set: StatisticSet, statistic: Statistic): number {
  return OF[statistic](set);
}

export function isStatistic(text: string | undefined): text is Statistic {
  return (STATISTICS as readonly (string | undefined)[]).includes(text);
}
