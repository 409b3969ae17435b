import type { MetricSeries, MetricStore } from "../cloudwatch/metricStore";

/** The metrics of a group of schedules in CloudWatch (User Guide, "Monitoring with Amazon CloudWatch"). */
export class SchedulerMetrics {
  private readonly attempts: MetricSeries;
  private readonly targetErrors: MetricSeries;
  private readonly targetThrottles: MetricSeries;
  private readonly drops: MetricSeries;
  private readonly deadLetters: MetricSeries;

  constructor(
    private readonly metrics: MetricStore,
    private readonly groupName: string,
  ) {
    this.attempts = this.series("InvocationAttemptCount");
    this.targetErrors = this.series("TargetErrorCount");
    this.targetThrottles = this.series("TargetErrorThrottledCount");
    this.drops = this.series("InvocationDroppedCount");
    this.deadLetters = this.series("InvocationsSentToDeadLetterCount");
  }

  attempted(): void {
    this.attempts.add();
  }

  targetFailed(throttled: boolean): void {
    this.targetErrors.add();
    if (throttled) this.targetThrottles.add();
  }

  /** The retries are used up. */
  dropped(): void {
    this.drops.add();
  }

  sentToDeadLetterQueue(): void {
    this.deadLetters.add();
  }

  /** @param errorCode what SQS answered */
  notSentToDeadLetterQueue(errorCode: string): void {
    this.series("InvocationsFailedToBeSentToDeadLetterCount").add();
    this.series(`InvocationsFailedToBeSentToDeadLetterCount_${errorCode}`).add();
  }

  private series(name: string): MetricSeries {
    return this.metrics.series({
      namespace: "AWS/Scheduler",
      name,
      dimensions: { ScheduleGroup: this.groupName },
    });
  }
}
