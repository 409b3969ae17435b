import * as z from "zod";
import type { MetricStore } from "./metricStore";

const numbers = z.union([z.number(), z.array(z.number()).max(100)]);
const document = z.looseObject({
  _aws: z.looseObject({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string().min(1),
        Dimensions: z.array(z.array(z.string()).max(30)),
        Metrics: z.array(z.looseObject({ Name: z.string() })).max(100),
      }),
    ),
  }),
});

/**
 * Takes the metrics out of a log line in the embedded metric format (CloudWatch User Guide, "Embedded metric format
 * specification"); any other line is left alone.
 *
 * @param at when the line was written, milliseconds since the epoch: instead of the line's own timestamp, because
 *   functions do not see the clock of the run
 */
export function countEmbedded(line: string, at: number, metrics: MetricStore): void {
  if (!line.includes('"CloudWatchMetrics"')) return;
  const parsed = document.safeParse(readJson(line));
  if (!parsed.success) return;
  const { _aws: envelope, ...members } = parsed.data;
  for (const { Namespace, Dimensions, Metrics } of envelope.CloudWatchMetrics)
    for (const names of Dimensions) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(members[name])]));
      for (const { Name } of Metrics) {
        const value = numbers.safeParse(members[Name]);
        if (!value.success) continue;
        const series = metrics.series({ namespace: Namespace, name: Name, dimensions });
        for (const each of [value.data].flat()) series.add(each, at);
      }
    }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
