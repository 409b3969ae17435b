import type { StreamReader } from "../../dynamodb/streams";
import type { Checkpoints } from "./checkpoints";
import type { EventSourceMapping, MappingContext } from "./mapping";
import type { StreamMappingSettings } from "./mappingSettings";
import { ShardReader } from "./shardReader";

/** Reads a DynamoDB stream for a function, each shard by itself. */
export class StreamMapping implements EventSourceMapping {
  private readers: readonly ShardReader[] = [];

  constructor(
    private readonly settings: StreamMappingSettings,
    private readonly context: MappingContext,
    private readonly streams: StreamReader,
    private readonly checkpoints: Checkpoints,
  ) {}

  verify(): Promise<void> {
    this.streams.shards(this.settings.sourceArn);
    return Promise.resolve();
  }

  start(): void {
    const { settings, context, streams, checkpoints } = this;
    this.readers = streams
      .shards(settings.sourceArn)
      .map((shardId) => new ShardReader(settings, context, streams, checkpoints, shardId));
    for (const reader of this.readers) reader.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
  }
}
