import type { MetricSeries, MetricStore } from "../cloudwatch/metricStore";

/** The metrics of one function in CloudWatch (Lambda Developer Guide, "Types of metrics for Lambda functions"). */
export class FunctionMetrics {
  private readonly invocations: MetricSeries;
  private readonly errors: MetricSeries;
  private readonly duration: MetricSeries;
  private readonly throttles: MetricSeries;
  private readonly age: MetricSeries;
  private readonly eventsReceived: MetricSeries;
  private readonly eventAges: MetricSeries;
  private readonly eventsDropped: MetricSeries;
  private readonly destinationFailures: MetricSeries;

  constructor(metrics: MetricStore, functionName: string) {
    const series = (name: string) =>
      metrics.series({ namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName } });
    this.invocations = series("Invocations");
    this.errors = series("Errors");
    this.duration = series("Duration");
    this.throttles = series("Throttles");
    this.age = series("IteratorAge");
    this.eventsReceived = series("AsyncEventsReceived");
    this.eventAges = series("AsyncEventAge");
    this.eventsDropped = series("AsyncEventsDropped");
    this.destinationFailures = series("DestinationDeliveryFailures");
  }

  /** Each invocation is a value of the errors too, so that their average is the share that fails. */
  invoked(durationMs: number, failed: boolean): void {
    this.invocations.add();
    this.errors.add(failed ? 1 : 0);
    this.throttles.add(0);
    this.duration.add(durationMs);
  }

  /** A throttled request is neither an invocation nor an error. */
  throttled(): void {
    this.throttles.add();
  }

  /** @param ageMs of the last record of a batch from a stream */
  iteratorAge(ageMs: number): void {
    this.age.add(ageMs);
  }

  /** An event for an asynchronous invocation was accepted. */
  eventReceived(): void {
    this.eventsReceived.add();
  }

  /** @param ageMs of an event when the function is invoked with it */
  eventAge(ageMs: number): void {
    this.eventAges.add(ageMs);
  }

  /** An event was given up: the function never processed it. */
  eventDropped(): void {
    this.eventsDropped.add();
  }

  /** The record of what was given up could not be sent. */
  destinationFailed(): void {
    this.destinationFailures.add();
  }
}
