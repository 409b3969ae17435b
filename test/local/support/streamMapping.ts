import { Clock } from "../../../local/clock";
import type { StreamRecord } from "../../../local/dynamodb/streams";
import type { EventSourceMapping } from "../../../local/lambda/eventSources/mapping";
import { waitFor } from "../../support/waitFor";
import { FakeStream, STREAM_ARN } from "./fakeStream";
import { mappingHarness, type Handler, type MappingHarness, type MappingHarnessOptions } from "./mapping";

/** A stream and its mapping, new for each test of the file that calls this at its top. */
export function useMappedStream(): MappedStream {
  const mapped = new MappedStream();
  beforeEach(() => mapped.reset());
  afterEach(() => mapped.harness.stop());
  return mapped;
}

export class MappedStream {
  stream!: FakeStream;
  harness!: MappingHarness<StreamRecord>;

  reset(): void {
    this.stream = new FakeStream(new Clock());
  }

  /** Hosts a queue `failures` and starts a mapping of the stream, from its oldest record unless told otherwise. */
  async start(
    handler: Handler<StreamRecord>,
    inputs: object = {},
    options: MappingHarnessOptions = {},
  ): Promise<EventSourceMapping> {
    this.harness = mappingHarness(handler, { streams: this.stream, ...options });
    await this.harness.hostQueue("failures");
    const mapping = await this.harness.mapping({
      eventSourceArn: STREAM_ARN,
      startingPosition: "TRIM_HORIZON",
      ...inputs,
    });
    mapping.start();
    return mapping;
  }

  /** The ids of the items of each invocation. */
  ids(): string[][] {
    return idsOf(this.harness);
  }

  putAll(...names: string[]): void {
    for (const name of names) this.stream.put(name);
  }

  async untilInvoked(times: number): Promise<void> {
    await waitFor(() => this.harness.invocations.length >= times);
  }
}

/** The id of the item that a record is about. */
export function idOf(record: StreamRecord): string {
  return (record.dynamodb.Keys["id"] as { readonly S: string }).S;
}

/** The ids of the items of each invocation. */
export function idsOf(harness: MappingHarness<StreamRecord>): string[][] {
  return harness.invocations.map((records) => records.map(idOf));
}

/** A handler that fails whenever a record of the given item is in the batch. */
export function failOn(bad: string): Handler<StreamRecord> {
  return (records) => {
    if (records.some((record) => idOf(record) === bad)) throw new Error(`cannot do ${bad}`);
  };
}
