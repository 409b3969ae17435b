import { evaluate, evaluationRange } from "./alarmEvaluation";
import { isBreaching, type AlarmSettings, type AlarmState } from "./alarmSettings";
import type { MetricStore } from "./metricStore";
import { statisticOf } from "./statistics";

/** A change of an alarm's state. */
export interface Transition {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One alarm and the state that it is in. */
export class Alarm {
  state: AlarmState = "INSUFFICIENT_DATA";
  reason = "Unchecked: Initial alarm creation";
  changedAt: number;

  /** @param createdAt milliseconds since the epoch */
  constructor(
    readonly settings: AlarmSettings,
    readonly createdAt: number,
  ) {
    this.changedAt = createdAt;
  }

  /**
   * Looks at the periods up to a moment.
   *
   * @returns the change of state; undefined when it stays as it is
   */
  evaluate(metrics: MetricStore, now: number): Transition | undefined {
    const values = this.values(metrics, now);
    const state = evaluate(this.settings, values, this.state);
    return state === this.state ? undefined : this.change(state, this.explain(values), now);
  }

  change(to: AlarmState, reason: string, at: number): Transition {
    const from = this.state;
    this.state = to;
    this.reason = reason;
    this.changedAt = at;
    return { from, to, reason, at };
  }

  private values(metrics: MetricStore, now: number): (number | undefined)[] {
    const { metric, periodMs, statistic } = this.settings;
    const series = metrics.find(metric);
    return Array.from({ length: evaluationRange(this.settings) }, (_, index) => {
      const end = now - index * periodMs;
      const set = series?.during(end - periodMs, end);
      return set && statisticOf(set, statistic);
    });
  }

  private explain(newestFirst: readonly (number | undefined)[]): string {
    const { evaluationPeriods, threshold, comparison } = this.settings;
    const values = newestFirst.filter((value) => value !== undefined).slice(0, evaluationPeriods);
    if (values.length === 0) return "Threshold Crossed: no datapoints were received.";
    const breaching = values.filter((value) => isBreaching(this.settings, value)).length;
    return `Threshold Crossed: ${breaching} of the last ${evaluationPeriods} datapoints [${values.join(", ")}] met ${comparison} ${threshold}.`;
  }
}
