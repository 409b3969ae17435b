import { AwsError } from "../../local/aws/error";
import { Clock } from "../../local/clock";
import type { StreamRecord } from "../../local/dynamodb/streams";
import { openStore } from "../../local/store";
import { waitFor } from "../support/waitFor";
import {
  failOn,
  FakeStream,
  idOf,
  idsOf,
  startStreamMapping,
  STREAM_ARN,
  type Handler,
  type MappingHarness,
  type MappingHarnessOptions,
} from "./support/mapping";

let harness: MappingHarness<StreamRecord>;
let stream: FakeStream;

beforeEach(() => {
  stream = new FakeStream(new Clock());
});

afterEach(() => harness.stop());

async function start(
  handler: Handler<StreamRecord>,
  inputs: object = {},
  options: MappingHarnessOptions = {},
) {
  const started = await startStreamMapping(stream, handler, inputs, options);
  harness = started.harness;
  return started.mapping;
}

const ids = () => idsOf(harness);
const putAll = (...names: string[]) => {
  for (const name of names) stream.put(name);
};
const untilInvoked = (times: number) => waitFor(() => harness.invocations.length >= times);

describe("a record of a mapped stream", () => {
  it("comes to the function in the documented shape", async () => {
    await start(() => undefined);
    stream.put("a", { status: "NEW" });
    await untilInvoked(1);
    expect(harness.invocations).toEqual([
      [
        {
          eventID: "event-1000",
          eventName: "INSERT",
          eventVersion: "1.1",
          eventSource: "aws:dynamodb",
          awsRegion: "eu-central-1",
          dynamodb: {
            ApproximateCreationDateTime: expect.any(Number) as number,
            Keys: { id: { S: "a" } },
            NewImage: { id: { S: "a" }, status: { S: "NEW" } },
            SequenceNumber: "1000",
            SizeBytes: 100,
            StreamViewType: "NEW_IMAGE",
          },
          eventSourceARN: STREAM_ARN,
        },
      ],
    ]);
  });

  it("comes in the order of the stream, in batches of the mapping's size", async () => {
    putAll("a", "b", "c", "d", "e");
    await start(() => undefined, { batchSize: 2 });
    await untilInvoked(3);
    expect(ids()).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it("that is older than the mapping comes with TRIM_HORIZON only", async () => {
    putAll("old");
    await start(() => undefined, { startingPosition: "LATEST" });
    putAll("new");
    await untilInvoked(1);
    expect(ids()).toEqual([["new"]]);
  });

  it("does not come when no filter matches it", async () => {
    const pattern = JSON.stringify({
      eventName: ["INSERT"],
      dynamodb: { NewImage: { status: { S: ["NEW"] } } },
    });
    await start(() => undefined, { filterCriteria: { filters: [{ pattern }] } });
    stream.put("a", { status: "DONE" });
    stream.put("b", { status: "NEW" }, "MODIFY");
    stream.put("c", { status: "NEW" });
    await untilInvoked(1);
    expect(ids()).toEqual([["c"]]);
  });

  it("waits for others within the batching window", async () => {
    await start(() => undefined, { maximumBatchingWindowInSeconds: 10 });
    putAll("a");
    await waitFor(() => new Promise((resolve) => setImmediate(() => resolve(true))));
    putAll("b");
    expect(harness.invocations).toEqual([]);
    await waitFor(() => {
      harness.clock.advance(5_000);
      return harness.invocations.length > 0;
    });
    expect(ids()).toEqual([["a", "b"]]);
  });

  it("does not wait for the window's end when its batch is full", async () => {
    await start(() => undefined, { maximumBatchingWindowInSeconds: 300, batchSize: 2 });
    putAll("a", "b");
    await untilInvoked(1);
    expect(ids()).toEqual([["a", "b"]]);
  });
});

describe("a mapping that is started again", () => {
  it("goes on behind what was done", async () => {
    const store = openStore();
    await start(() => undefined, {}, { store });
    putAll("a", "b");
    await untilInvoked(1);
    await harness.stop();
    await start(() => undefined, {}, { store });
    putAll("c");
    await untilInvoked(1);
    expect(ids()).toEqual([["c"]]);
    store.close();
  });

  it("goes on where it was, not with the latest record", async () => {
    const store = openStore();
    putAll("before");
    await start(() => undefined, { startingPosition: "LATEST" }, { store });
    await harness.stop();
    putAll("while away");
    await start(() => undefined, { startingPosition: "LATEST" }, { store });
    await untilInvoked(1);
    expect(ids()).toEqual([["while away"]]);
    store.close();
  });

  it("repeats what was under way", async () => {
    const store = openStore();
    putAll("a", "b");
    await start(failOn("b"), { batchSize: 1 }, { store });
    await untilInvoked(2);
    await harness.stop();
    await start(() => undefined, { batchSize: 1 }, { store });
    await untilInvoked(1);
    expect(ids()).toEqual([["b"]]);
    store.close();
  });
});

describe("a mapping with a parallelization factor", () => {
  it("processes batches side by side, the records of one item in their order", async () => {
    const order: (string | undefined)[] = [];
    let running = 0;
    let peak = 0;
    const handler = async (records: readonly StreamRecord[]) => {
      peak = Math.max(peak, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      for (const record of records) order.push(`${idOf(record)}:${record.dynamodb.SequenceNumber}`);
      running--;
    };
    for (let round = 0; round < 5; round++) putAll("a", "b", "c", "d", "e", "f", "g", "h");
    await start(handler, { batchSize: 1, parallelizationFactor: 4 });
    await waitFor(() => order.length === 40);
    expect(peak).toBeGreaterThan(1);
    expect(peak).toBeLessThanOrEqual(4);
    for (const id of "abcdefgh") {
      const own = order.filter((entry) => entry?.startsWith(id));
      expect(own).toEqual([...own].sort());
    }
  });

  it("remembers only what has nothing undone before it", async () => {
    const store = openStore();
    putAll("stuck", "b", "c", "d", "e", "f", "g", "h");
    const inputs = { batchSize: 1, parallelizationFactor: 10 };
    await start(failOn("stuck"), inputs, { store });
    await waitFor(() => ids().flat().includes("h"));
    await harness.stop();
    await start(() => undefined, inputs, { store });
    await waitFor(() => ids().flat().includes("stuck"));
    store.close();
  });
});

describe("a mapping of a stream", () => {
  it("reads on after an error of the stream, and reports it", async () => {
    const denied = new AwsError(
      "AccessDeniedException",
      "not authorized to perform: dynamodb:GetRecords",
      403,
    );
    stream.readError = denied;
    await start(() => undefined);
    putAll("a");
    await waitFor(() => harness.faults.length > 0);
    expect(harness.faults).toEqual([denied]);
    harness.clock.advance(1_000);
    await untilInvoked(1);
  });

  it("goes on with the oldest record when what it had not read has left the stream", async () => {
    putAll("a");
    stream.readError = new AwsError("TrimmedDataAccessException", "trimmed");
    await start(() => undefined);
    await untilInvoked(1);
    expect(harness.faults).toEqual([]);
  });

  it("lets a batch that is under way come to its end when it stops", async () => {
    const store = openStore();
    let finish: (answer?: unknown) => void = () => undefined;
    const mapping = await start(() => new Promise((resolve) => (finish = resolve)), {}, { store });
    putAll("a");
    await untilInvoked(1);
    const stopped = mapping.stop();
    finish();
    await stopped;
    await harness.stop();
    await start(() => undefined, {}, { store });
    putAll("b");
    await untilInvoked(1);
    expect(ids()).toEqual([["b"]]);
    store.close();
  });
});
