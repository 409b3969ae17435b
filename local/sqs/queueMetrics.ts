import type { AwsDocument } from "../aws/api";
import type { MetricSeries, MetricStore } from "../cloudwatch/metricStore";
import type { Clock } from "../clock";
import type { MessageStore } from "./messageStore";
import type { Queue, Queues } from "./queues";

/** What the answer of an action counts as. */
const COUNTED: Readonly<
  Record<string, { readonly metric: string; readonly messages: (answer: AwsDocument) => number }>
> = {
  SendMessage: { metric: "NumberOfMessagesSent", messages: () => 1 },
  SendMessageBatch: { metric: "NumberOfMessagesSent", messages: ({ Successful }) => lengthOf(Successful) },
  ReceiveMessage: { metric: "NumberOfMessagesReceived", messages: ({ Messages }) => lengthOf(Messages) },
  DeleteMessage: { metric: "NumberOfMessagesDeleted", messages: () => 1 },
  DeleteMessageBatch: {
    metric: "NumberOfMessagesDeleted",
    messages: ({ Successful }) => lengthOf(Successful),
  },
};

/** The metrics of the queues in CloudWatch (SQS Developer Guide, "Available CloudWatch metrics"). */
export class QueueMetrics {
  private readonly counters = new Map<string, MetricSeries>();

  constructor(
    private readonly metrics: MetricStore,
    private readonly clock: Clock,
    private readonly queues: Queues,
    private readonly messages: MessageStore,
  ) {}

  count(queue: Queue, action: string, answer: AwsDocument): void {
    const counted = COUNTED[action];
    const messages = counted?.messages(answer) ?? 0;
    if (counted === undefined || messages === 0) return;
    const key = `${queue.name} ${counted.metric}`;
    const counter = this.counters.get(key) ?? this.series(queue, counted.metric);
    this.counters.set(key, counter);
    counter.add(messages);
  }

  /** Adds how many messages there are, and how old the oldest is, as values of a moment. */
  measure(at: number): void {
    const now = this.clock.now();
    for (const queue of this.queues.all()) {
      const cutoff = this.queues.cutoff(queue);
      const { visible, inFlight, delayed } = this.messages.count(queue.name, now, cutoff);
      const sentAt = this.messages.oldestSentAt(queue.name, cutoff);
      const values = {
        ApproximateNumberOfMessagesVisible: visible,
        ApproximateNumberOfMessagesNotVisible: inFlight,
        ApproximateNumberOfMessagesDelayed: delayed,
        ApproximateAgeOfOldestMessage: sentAt === undefined ? 0 : Math.floor((now - sentAt) / 1_000),
      };
      for (const [name, value] of Object.entries(values)) this.series(queue, name).add(value, at);
    }
  }

  private series(queue: Queue, name: string): MetricSeries {
    return this.metrics.series({ namespace: "AWS/SQS", name, dimensions: { QueueName: queue.name } });
  }
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
