import type { MetricSeries, MetricStore } from "../cloudwatch/metricStore";
import type { Outcome } from "./execution";

/** The metrics of one machine in CloudWatch (Step Functions Developer Guide, "Monitoring with CloudWatch"). */
export class ExecutionMetrics {
  private readonly starts: MetricSeries;
  private readonly time: MetricSeries;
  private readonly ends: Readonly<Record<Outcome["status"], MetricSeries | undefined>>;

  constructor(metrics: MetricStore, machineArn: string) {
    const series = (name: string) =>
      metrics.series({ namespace: "AWS/States", name, dimensions: { StateMachineArn: machineArn } });
    this.starts = series("ExecutionsStarted");
    this.time = series("ExecutionTime");
    this.ends = {
      SUCCEEDED: series("ExecutionsSucceeded"),
      FAILED: series("ExecutionsFailed"),
      TIMED_OUT: series("ExecutionsTimedOut"),
      // The end of the run, which AWS does not have.
      ABANDONED: undefined,
    };
  }

  started(): void {
    this.starts.add();
  }

  ended(status: Outcome["status"], durationMs: number): void {
    const series = this.ends[status];
    series?.add();
    if (series !== undefined) this.time.add(durationMs);
  }
}
