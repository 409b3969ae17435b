import type { Authorizer } from "../../local/aws/authorizer";
import { AwsError } from "../../local/aws/error";
import type { StreamRecord } from "../../local/dynamodb/streams";
import { openStore } from "../../local/store";
import { waitFor } from "../support/waitFor";
import { STREAM_ARN } from "./support/fakeStream";
import { failOn, idOf, useMappedStream } from "./support/streamMapping";

const mapped = useMappedStream();

describe("a record of a mapped stream", () => {
  it("comes to the function in the documented shape", async () => {
    await mapped.start(() => undefined);
    mapped.stream.put("a", { status: "NEW" });
    await mapped.untilInvoked(1);
    expect(mapped.harness.invocations).toEqual([
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
    mapped.putAll("a", "b", "c", "d", "e");
    await mapped.start(() => undefined, { batchSize: 2 });
    await mapped.untilInvoked(3);
    expect(mapped.ids()).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it("that is older than the mapping comes with TRIM_HORIZON only", async () => {
    mapped.putAll("old");
    await mapped.start(() => undefined, { startingPosition: "LATEST" });
    mapped.putAll("new");
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["new"]]);
  });

  it("does not come when no filter matches it", async () => {
    const pattern = JSON.stringify({
      eventName: ["INSERT"],
      dynamodb: { NewImage: { status: { S: ["NEW"] } } },
    });
    await mapped.start(() => undefined, { filterCriteria: { filters: [{ pattern }] } });
    mapped.stream.put("a", { status: "DONE" });
    mapped.stream.put("b", { status: "NEW" }, "MODIFY");
    mapped.stream.put("c", { status: "NEW" });
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["c"]]);
  });

  it("waits for others within the batching window", async () => {
    await mapped.start(() => undefined, { maximumBatchingWindowInSeconds: 10 });
    mapped.putAll("a");
    await waitFor(() => new Promise((resolve) => setImmediate(() => resolve(true))));
    mapped.putAll("b");
    expect(mapped.harness.invocations).toEqual([]);
    await waitFor(() => {
      mapped.harness.clock.advance(5_000);
      return mapped.harness.invocations.length > 0;
    });
    expect(mapped.ids()).toEqual([["a", "b"]]);
  });

  it("does not wait for the window's end when its batch is full", async () => {
    await mapped.start(() => undefined, { maximumBatchingWindowInSeconds: 300, batchSize: 2 });
    mapped.putAll("a", "b");
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["a", "b"]]);
  });
});

describe("a mapping that is started again", () => {
  it("goes on behind what was done", async () => {
    const store = openStore();
    await mapped.start(() => undefined, {}, { store });
    mapped.putAll("a", "b");
    await mapped.untilInvoked(1);
    await mapped.harness.stop();
    await mapped.start(() => undefined, {}, { store });
    mapped.putAll("c");
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["c"]]);
    store.close();
  });

  it("goes on where it was, not with the latest record", async () => {
    const store = openStore();
    mapped.putAll("before");
    await mapped.start(() => undefined, { startingPosition: "LATEST" }, { store });
    await mapped.harness.stop();
    mapped.putAll("while away");
    await mapped.start(() => undefined, { startingPosition: "LATEST" }, { store });
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["while away"]]);
    store.close();
  });

  it("repeats what was under way", async () => {
    const store = openStore();
    mapped.putAll("a", "b");
    await mapped.start(failOn("b"), { batchSize: 1 }, { store });
    await mapped.untilInvoked(2);
    await mapped.harness.stop();
    await mapped.start(() => undefined, { batchSize: 1 }, { store });
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["b"]]);
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
    for (let round = 0; round < 5; round++) mapped.putAll("a", "b", "c", "d", "e", "f", "g", "h");
    await mapped.start(handler, { batchSize: 1, parallelizationFactor: 4 });
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
    mapped.putAll("stuck", "b", "c", "d", "e", "f", "g", "h");
    const inputs = { batchSize: 1, parallelizationFactor: 10 };
    await mapped.start(failOn("stuck"), inputs, { store });
    await waitFor(() => mapped.ids().flat().includes("h"));
    await mapped.harness.stop();
    await mapped.start(() => undefined, inputs, { store });
    await waitFor(() => mapped.ids().flat().includes("stuck"));
    store.close();
  });
});

describe("a mapping of a stream", () => {
  it.each(["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"])(
    "is refused when the function's role may not do %s",
    async (missing) => {
      const authorize: Authorizer["authorize"] = (_caller, action) => {
        if (action === `dynamodb:${missing}`) throw new AwsError("AccessDeniedException", "denied", 403);
      };
      await expect(mapped.start(() => undefined, {}, { iam: { authorize } })).rejects.toThrow(
        `Cannot access stream ${STREAM_ARN}. Please ensure the role can perform the `,
      );
    },
  );

  it("reads on after an error of the stream, and reports it", async () => {
    const denied = new AwsError(
      "AccessDeniedException",
      "not authorized to perform: dynamodb:GetRecords",
      403,
    );
    mapped.stream.readError = denied;
    await mapped.start(() => undefined);
    mapped.putAll("a");
    await waitFor(() => mapped.harness.faults.length > 0);
    expect(mapped.harness.faults).toEqual([denied]);
    mapped.harness.clock.advance(1_000);
    await mapped.untilInvoked(1);
  });

  it("goes on with the oldest record when what it had not read has left the stream", async () => {
    mapped.putAll("a");
    mapped.stream.readError = new AwsError("TrimmedDataAccessException", "trimmed");
    await mapped.start(() => undefined);
    await mapped.untilInvoked(1);
    expect(mapped.harness.faults).toEqual([]);
  });

  it("lets a batch that is under way come to its end when it stops", async () => {
    const store = openStore();
    let finish: (answer?: unknown) => void = () => undefined;
    const mapping = await mapped.start(() => new Promise((resolve) => (finish = resolve)), {}, { store });
    mapped.putAll("a");
    await mapped.untilInvoked(1);
    const stopped = mapping.stop();
    finish();
    await stopped;
    await mapped.harness.stop();
    await mapped.start(() => undefined, {}, { store });
    mapped.putAll("b");
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["b"]]);
    store.close();
  });
});
