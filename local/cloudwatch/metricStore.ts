import type { Clock } from "../clock";

/** What a metric is called by: another set of dimensions is another metric. */
export interface MetricId {
  /** Such as `AWS/SQS`. */
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What CloudWatch keeps of the values of a period. */
export interface StatisticSet {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

export const MINUTE_MS = 60_000;
/** AWS keeps values by the minute for 15 days. */
const MINUTES_KEPT = 24 * 60;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The values of one metric, summed up by the minute. */
export class MetricSeries {
  /** By the minute's number since the epoch, oldest first. */
  private readonly minutes = new Map<number, Mutable<StatisticSet>>();

  constructor(
    readonly id: MetricId,
    private readonly clock: Clock,
  ) {}

  /** @param at milliseconds since the epoch */
  add(value = 1, at = this.clock.now()): void {
    const minute = Math.floor(at / MINUTE_MS);
    const set = this.minutes.get(minute);
    if (set === undefined) return this.begin(minute, value);
    set.sampleCount++;
    set.sum += value;
    if (value < set.minimum) set.minimum = value;
    if (value > set.maximum) set.maximum = value;
  }

  /** The values of a span of time, in whole minutes; undefined when there are none. Times are milliseconds. */
  during(from: number, to: number): StatisticSet | undefined {
    let all: StatisticSet | undefined;
    for (let minute = Math.floor(from / MINUTE_MS); minute < to / MINUTE_MS; minute++)
      all = join(all, this.minutes.get(minute));
    return all;
  }

  /** The values of a span of time by period, oldest first; periods without values are left out. */
  byPeriod(from: number, to: number, periodMs: number): readonly (readonly [start: number, StatisticSet])[] {
    const periods = new Map<number, StatisticSet>();
    for (const [minute, set] of this.minutes) {
      const start = Math.floor((minute * MINUTE_MS) / periodMs) * periodMs;
      if (start < Math.floor(from / periodMs) * periodMs || minute * MINUTE_MS >= to) continue;
      periods.set(start, join(periods.get(start), set) ?? set);
    }
    return [...periods].sort(([a], [b]) => a - b);
  }

  private begin(minute: number, value: number): void {
    this.minutes.set(minute, { sampleCount: 1, sum: value, minimum: value, maximum: value });
    const [oldest] = this.minutes.keys();
    if (this.minutes.size > MINUTES_KEPT && oldest !== undefined) this.minutes.delete(oldest);
  }
}

function join(one: StatisticSet | undefined, other: StatisticSet | undefined): StatisticSet | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    sampleCount: one.sampleCount + other.sampleCount,
    sum: one.sum + other.sum,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
  };
}

/** The metrics of the run, in memory. Whoever counts keeps the series at hand: adding to it costs next to nothing. */
export class MetricStore {
  private readonly byKey = new Map<string, MetricSeries>();

  constructor(private readonly clock: Clock) {}

  /** The series of a metric, made when it is not there. */
  series(id: MetricId): MetricSeries {
    const key = keyOf(id);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const series = new MetricSeries(id, this.clock);
    this.byKey.set(key, series);
    return series;
  }

  /** The series of a metric that has had a value; a question makes none. */
  find(id: MetricId): MetricSeries | undefined {
    return this.byKey.get(keyOf(id));
  }

  all(): readonly MetricSeries[] {
    return [...this.byKey.values()];
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
