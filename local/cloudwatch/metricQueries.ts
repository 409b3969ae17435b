import type { AwsDocument } from "../aws/api";
import {
  optionalDocument,
  optionalDocuments,
  optionalInteger,
  optionalString,
  strings,
} from "../aws/document";
import { dimensionList } from "./alarmAnswers";
import { invalidParameter, missingParameter } from "./errors";
import { MINUTE_MS, type MetricId, type MetricStore, type StatisticSet } from "./metricStore";
import { pageOf } from "./pages";
import { isStatistic, STATISTICS, statisticOf, type Statistic } from "./statistics";

/** `GetMetricData`, without expressions: all values of the metrics asked for, in one page. */
export function getMetricData(metrics: MetricStore, input: AwsDocument): AwsDocument {
  const { from, to } = timesOf(input);
  const ascending = optionalString(input, "ScanBy") === "TimestampAscending";
  const queries = optionalDocuments(input, "MetricDataQueries");
  if (queries === undefined || queries.length === 0) throw missingParameter("MetricDataQueries");
  const wanted = queries.filter(({ ReturnData }) => ReturnData !== false);
  return {
    MetricDataResults: wanted.map((query) => {
      const { id, label, metric, periodMs, statistic } = readQuery(query);
      const periods = [...(metrics.find(metric)?.byPeriod(from, to, periodMs) ?? [])];
      if (!ascending) periods.reverse();
      return {
        Id: id,
        Label: label,
        Timestamps: periods.map(([start]) => start / 1_000),
        Values: periods.map(([, set]) => statisticOf(set, statistic)),
        StatusCode: "Complete",
      };
    }),
    Messages: [],
  };
}

function readQuery(query: AwsDocument) {
  const stat = optionalDocument(query, "MetricStat");
  if (stat === undefined)
    throw invalidParameter(
      "Expressions are not evaluated here: each of MetricDataQueries needs a MetricStat.",
    );
  const metric = readMetric(optionalDocument(stat, "Metric") ?? {});
  return {
    id: required(query, "Id"),
    label: optionalString(query, "Label") ?? metric.name,
    metric,
    periodMs: readPeriod(stat),
    statistic: readStatistic(optionalString(stat, "Stat")),
  };
}

/** `GetMetricStatistics`: one metric, several statistics, in no order on AWS and by time here. */
export function getMetricStatistics(metrics: MetricStore, input: AwsDocument): AwsDocument {
  const metric = readMetric(input);
  const { from, to } = timesOf(input);
  const wanted = strings(input, "Statistics").map(readStatistic);
  if (wanted.length === 0)
    throw invalidParameter("Statistics must name at least one; extended statistics are not kept here.");
  const datapoint = (start: number, set: StatisticSet) => ({
    Timestamp: start / 1_000,
    Unit: "None",
    ...Object.fromEntries(wanted.map((statistic) => [statistic, statisticOf(set, statistic)])),
  });
  const periods = metrics.find(metric)?.byPeriod(from, to, readPeriod(input)) ?? [];
  return { Label: metric.name, Datapoints: periods.map(([start, set]) => datapoint(start, set)) };
}

/** `ListMetrics`. */
export function listMetrics(metrics: MetricStore, input: AwsDocument): AwsDocument {
  const namespace = optionalString(input, "Namespace");
  const name = optionalString(input, "MetricName");
  const filters = optionalDocuments(input, "Dimensions") ?? [];
  const matching = metrics
    .all()
    .map(({ id }) => id)
    .filter((id) => namespace === undefined || id.namespace === namespace)
    .filter((id) => name === undefined || id.name === name)
    .filter((id) =>
      filters.every(({ Name, Value }) => {
        const value = typeof Name === "string" ? id.dimensions[Name] : undefined;
        return value !== undefined && (Value === undefined || Value === value);
      }),
    );
  const items = matching.map((id) => ({
    Namespace: id.namespace,
    MetricName: id.name,
    Dimensions: dimensionList(id),
  }));
  return pageOf(input, "Metrics", items, 500);
}

function readMetric(document: AwsDocument): MetricId {
  const dimensions = (optionalDocuments(document, "Dimensions") ?? []).map(
    (dimension) => [required(dimension, "Name"), required(dimension, "Value")] as const,
  );
  return {
    namespace: required(document, "Namespace"),
    name: required(document, "MetricName"),
    dimensions: Object.fromEntries(dimensions),
  };
}

function readPeriod(document: AwsDocument): number {
  const seconds = optionalInteger(document, "Period");
  if (seconds === undefined) throw missingParameter("Period");
  const periodMs = seconds * 1_000;
  if (periodMs <= 0 || periodMs % MINUTE_MS !== 0)
    throw invalidParameter("Period must be a multiple of 60: metrics are kept by the minute.");
  return periodMs;
}

function readStatistic(text: string | undefined): Statistic {
  if (isStatistic(text)) return text;
  throw invalidParameter(`The statistic ${text} is not kept here, only ${STATISTICS.join(", ")}.`);
}

/** Times come as seconds since the epoch. */
function timesOf(input: AwsDocument): { readonly from: number; readonly to: number } {
  const [from, to] = ["StartTime", "EndTime"].map((name) => {
    const seconds = input[name];
    if (typeof seconds !== "number") throw missingParameter(name);
    return seconds * 1_000;
  }) as [number, number];
  if (from >= to) throw invalidParameter("The parameter StartTime must be less than the parameter EndTime.");
  return { from, to };
}

function required(document: AwsDocument, name: string): string {
  const value = optionalString(document, name);
  if (value === undefined) throw missingParameter(name);
  return value;
}
