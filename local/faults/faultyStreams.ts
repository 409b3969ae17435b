import type { StreamReader, StreamRecord } from "../dynamodb/streams";
import type { FaultInjector } from "./faultInjector";
import { InjectedError } from "./injectedError";

type Reading = Parameters<StreamReader["read"]>;

/** The streams as event source mappings read them while faults are injected: operation `GetRecords` of dynamodb. */
export class FaultyStreams implements StreamReader {
  /** By shard, records that come once more: where the next read goes on, and where it is to begin instead. */
  private readonly again = new Map<
    string,
    { readonly after: string | undefined; readonly from: string | undefined }
  >();

  constructor(
    private readonly faults: FaultInjector,
    private readonly streams: StreamReader,
  ) {}

  shards(streamArn: string): readonly string[] {
    return this.streams.shards(streamArn);
  }

  latest(streamArn: string, shardId: string): string | undefined {
    return this.streams.latest(streamArn, shardId);
  }

  read(...reading: Reading): StreamRecord[] | Promise<StreamRecord[]> {
    const [streamArn, shardId, after, limit, caller] = reading;
    const again = this.takeAgain(shardKey(streamArn, shardId), after);
    // Once more, and no more often than that.
    if (again) return this.streams.read(streamArn, shardId, again.from, limit, caller);
    if (!this.faults.concerns("dynamodb")) return this.streams.read(...reading);
    const perform = async () => this.streams.read(...reading);
    return this.faults.run<StreamRecord[]>({
      service: "dynamodb",
      operation: "GetRecords",
      caller,
      text: () => JSON.stringify({ StreamArn: streamArn, ShardId: shardId }),
      perform,
      refuse: (refusal, rule) => {
        throw new InjectedError("dynamodb", refusal, rule);
      },
      repeat: async () => this.readAgainLater(await perform(), streamArn, shardId, after),
    });
  }

  wait(streamArn: string, shardId: string, after: string | undefined, signal: AbortSignal): Promise<void> {
    const again = this.again.get(shardKey(streamArn, shardId));
    if (again !== undefined && again.after === after) return Promise.resolve();
    return this.streams.wait(streamArn, shardId, after, signal);
  }

  private readAgainLater(
    records: StreamRecord[],
    streamArn: string,
    shardId: string,
    from: string | undefined,
  ): StreamRecord[] {
    const last = records.at(-1)?.dynamodb.SequenceNumber;
    if (last !== undefined) this.again.set(shardKey(streamArn, shardId), { after: last, from });
    return records;
  }

  private takeAgain(key: string, after: string | undefined) {
    const again = this.again.get(key);
    if (again === undefined || again.after !== after) return undefined;
    this.again.delete(key);
    return again;
  }
}

function shardKey(streamArn: string, shardId: string): string {
  return `${streamArn} ${shardId}`;
}
