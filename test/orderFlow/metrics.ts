import { GetMetricStatisticsCommand, type CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { Target } from "./target";

export interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Of all of a metric's values so far. */
export async function metricSum(
  { local }: Target,
  cloudWatch: CloudWatchClient,
  { namespace, name, dimensions }: NamedMetric,
): Promise<number> {
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(0),
      EndTime: new Date((local?.clock.now() ?? 0) + 60_000),
      Period: 60,
      Statistics: ["Sum"],
    }),
  );
  return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
}

/** What the local run's resource is called outside. */
export function outputsOf({ local }: Target, type: string, name: string): Readonly<Record<string, unknown>> {
  return local?.graph.resources.find((each) => each.type === type && each.name === name)?.outputs ?? {};
}
