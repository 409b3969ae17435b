import type { Clock } from "../../../local/clock";
import type { StreamReader, StreamRecord } from "../../../local/dynamodb/streams";
import { REGION } from "./lambda";

export const STREAM_ARN = `arn:aws:dynamodb:${REGION}:123456789012:table/things/stream/2025-01-01T00:00:00.000`;
export const SHARD_ID = "shardId-00000000000000000000-00000001";

/** A stream of one shard, in memory. */
export class FakeStream implements StreamReader {
  readonly records: StreamRecord[] = [];
  /** Thrown by the next read. */
  readError: Error | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Appends a record of an item with the given id; it is as old as told, in milliseconds. */
  put(
    id: string,
    values: Readonly<Record<string, string>> = {},
    eventName: StreamRecord["eventName"] = "INSERT",
    ageMs = 0,
  ): void {
    const image = Object.fromEntries(Object.entries({ id, ...values }).map(([name, S]) => [name, { S }]));
    const SequenceNumber = String(1000 + this.records.length);
    this.records.push({
      eventID: `event-${SequenceNumber}`,
      eventName,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: REGION,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor((this.clock.now() - ageMs) / 1000),
        Keys: { id: { S: id } },
        NewImage: image,
        SequenceNumber,
        SizeBytes: 100,
        StreamViewType: "NEW_IMAGE",
      },
    });
    for (const wake of this.waiting) wake();
  }

  shards(): readonly string[] {
    return [SHARD_ID];
  }

  latest(): string | undefined {
    return this.records.at(-1)?.dynamodb.SequenceNumber;
  }

  read(_streamArn: string, _shardId: string, after: string | undefined, limit: number): StreamRecord[] {
    const error = this.readError;
    this.readError = undefined;
    if (error) throw error;
    return this.after(after).slice(0, limit);
  }

  wait(_streamArn: string, _shardId: string, after: string | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.after(after).length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  private after(sequenceNumber: string | undefined): StreamRecord[] {
    return this.records.filter(({ dynamodb }) => dynamodb.SequenceNumber > (sequenceNumber ?? ""));
  }
}
