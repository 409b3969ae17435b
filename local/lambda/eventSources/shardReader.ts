import { setImmediate } from "node:timers/promises";
import { AwsError } from "../../aws/error";
import type { StreamReader, StreamRecord } from "../../dynamodb/streams";
import type { Checkpoints } from "./checkpoints";
import { sendDiscard } from "./failureDestination";
import { Lane } from "./lane";
import { SOURCE_RETRY_MS, type MappingContext } from "./mapping";
import type { StreamMappingSettings } from "./mappingSettings";
import { StreamBatchProcessor, type StreamItem } from "./streamBatch";

/** How many batches of each lane are read ahead. */
const BATCHES_AHEAD = 2;

/**
 * Reads one shard for a function. Its records go to as many lanes as the mapping's parallelization factor says: those
 * of one item always to the same, which keeps their order. The checkpoint moves up to the first record that is not
 * done yet, so after a killed run whatever was under way comes again.
 */
export class ShardReader {
  private readonly lanes: readonly Lane[];
  /** In order of the shard; those that are done leave at the front. */
  private readonly outstanding: StreamItem[] = [];
  private readonly mostOutstanding: number;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private madeRoom: (() => void) | undefined;

  constructor(
    private readonly settings: StreamMappingSettings,
    private readonly context: MappingContext,
    private readonly streams: StreamReader,
    private readonly checkpoints: Checkpoints,
    private readonly shardId: string,
  ) {
    const { signal } = this.stopping;
    const processor = new StreamBatchProcessor(
      settings,
      context,
      (items, why) => sendDiscard(settings, context, shardId, items, why),
      signal,
    );
    const process = async (items: readonly StreamItem[]) => {
      await processor.process(items);
      this.advance();
    };
    this.lanes = Array.from(
      { length: settings.parallelization },
      () => new Lane(context.clock, settings, process, signal),
    );
    this.mostOutstanding = BATCHES_AHEAD * settings.batchSize * settings.parallelization;
  }

  start(): void {
    this.run(this.read());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.madeRoom?.();
    await Promise.all(this.running);
  }

  private run(work: Promise<void>): void {
    const tracked = work.catch(this.context.onFault).finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }

  private async read(): Promise<void> {
    let position = this.startingPosition();
    while (!this.stopping.signal.aborted) {
      try {
        position = await this.readOnce(position);
      } catch (error) {
        if (error instanceof AwsError && error.code === "TrimmedDataAccessException") {
          position = undefined;
        } else {
          this.context.onFault(error);
          await this.context.clock.wait(SOURCE_RETRY_MS, this.stopping.signal);
        }
      }
    }
  }

  /** LATEST counts from the mapping's first start: a later one goes on where it was, like a mapping on AWS. */
  private startingPosition(): string | undefined {
    const { id, sourceArn, startingPosition } = this.settings;
    const known = this.checkpoints.get(id, this.shardId);
    if (known !== undefined || startingPosition === "TRIM_HORIZON") return known;
    const latest = this.streams.latest(sourceArn, this.shardId);
    if (latest !== undefined) this.checkpoints.set(id, this.shardId, latest);
    return latest;
  }

  private async readOnce(position: string | undefined): Promise<string | undefined> {
    const { sourceArn } = this.settings;
    const { signal } = this.stopping;
    const room = this.mostOutstanding - this.outstanding.length;
    if (room <= 0) {
      await new Promise<void>((resolve) => (this.madeRoom = resolve));
      return position;
    }
    const caller = this.context.function.caller;
    const records = await this.streams.read(sourceArn, this.shardId, position, room, caller);
    if (records.length === 0) await this.streams.wait(sourceArn, this.shardId, position, signal);
    else this.take(records);
    // Others get their turn, and what is written meanwhile is read together.
    await setImmediate();
    return records.at(-1)?.dynamodb.SequenceNumber ?? position;
  }

  private take(records: readonly StreamRecord[]): void {
    for (const record of records) {
      const event = { ...record, eventSourceARN: this.settings.sourceArn };
      const wanted = this.settings.filter?.(event) ?? true;
      const item: StreamItem = { record, json: wanted ? JSON.stringify(event) : "", done: !wanted };
      this.outstanding.push(item);
      if (wanted) this.laneOf(record).push(item);
    }
    for (const lane of this.lanes) this.run(lane.drain());
    this.advance();
  }

  private laneOf(record: StreamRecord): Lane {
    const [first, ...others] = this.lanes as readonly [Lane, ...Lane[]];
    if (others.length === 0) return first;
    let hash = 0;
    for (const character of JSON.stringify(record.dynamodb.Keys))
      hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
    return this.lanes[hash % this.lanes.length] ?? first;
  }

  private advance(): void {
    const open = this.outstanding.findIndex(({ done }) => !done);
    const finished = this.outstanding.splice(0, open < 0 ? this.outstanding.length : open);
    const last = finished.at(-1);
    if (!last) return;
    this.checkpoints.set(this.settings.id, this.shardId, last.record.dynamodb.SequenceNumber);
    this.madeRoom?.();
  }
}
