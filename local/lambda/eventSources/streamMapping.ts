import type { StreamReader } from "../../dynamodb/streams";
import type { Checkpoints } from "./checkpoints";
import type { EventSourceMapping, MappingContext } from "./mapping";
import type { StreamMappingSettings } from "./mappingSettings";
import { ShardReader } from "./shardReader";

/**
 * What CreateEventSourceMapping asks of the function's role (Lambda Developer Guide, DynamoDB event sources,
 * permissions), whichever of them the mapping uses later.
 */
const STREAM_ACTIONS = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"];

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
    const { sourceArn } = this.settings;
    this.streams.shards(sourceArn);
    const { iam, function: target } = this.context;
    try {
      for (const action of STREAM_ACTIONS) iam.authorize(target.caller, `dynamodb:${action}`, sourceArn);
    } catch (error) {
      throw new Error(
        `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
          "DescribeStream, and ListStreams Actions on your stream in IAM.",
        { cause: error },
      );
    }
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
