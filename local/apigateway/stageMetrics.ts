import type { MetricSeries, MetricStore } from "../cloudwatch/metricStore";

/** The metrics of one stage in CloudWatch (API Gateway Developer Guide, "Amazon API Gateway dimensions and metrics"). */
export class StageMetrics {
  private readonly count: MetricSeries;
  private readonly clientErrors: MetricSeries;
  private readonly serverErrors: MetricSeries;
  private readonly latency: MetricSeries;

  constructor(metrics: MetricStore, apiName: string, stage: string) {
    const series = (name: string) =>
      metrics.series({ namespace: "AWS/ApiGateway", name, dimensions: { ApiName: apiName, Stage: stage } });
    this.count = series("Count");
    this.clientErrors = series("4XXError");
    this.serverErrors = series("5XXError");
    this.latency = series("Latency");
  }

  /** Each answer is a value of the errors too: their average is the share that fails. */
  answered(status: number, latencyMs: number): void {
    this.count.add();
    this.clientErrors.add(status >= 400 && status < 500 ? 1 : 0);
    this.serverErrors.add(status >= 500 ? 1 : 0);
    this.latency.add(latencyMs);
  }
}
