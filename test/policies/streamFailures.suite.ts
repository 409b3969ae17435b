import { streamFailurePolicies } from "../../policies/streamFailures";
import { check, type Given } from "./support/check";

const STREAM = {
  startingPosition: "TRIM_HORIZON",
  destinationConfig: { onFailure: { destinationArn: "arn:aws:sqs:eu-west-1:123456789012:failures" } },
  maximumRetryAttempts: 5,
  maximumRecordAgeInSeconds: 3_600,
  bisectBatchOnFunctionError: true,
};

function violations(policy: string, props: Given["props"], config = {}): Promise<string[]> {
  const mapping = { type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: "mapping", props };
  return check(streamFailurePolicies, policy, [mapping], { config });
}

describe.each(streamFailurePolicies.map(({ name }) => name))("%s", (policy) => {
  test("passes a stream mapping with all of it", async () => {
    expect(await violations(policy, STREAM)).toEqual([]);
  });

  test.each<[string, Given["props"]]>([
    ["a queue", { eventSourceArn: "arn:aws:sqs:eu-west-1:123456789012:work" }],
    ["Kafka", { startingPosition: "LATEST", topics: ["orders"] }],
    ["DocumentDB", { startingPosition: "LATEST", documentDbEventSourceConfig: { databaseName: "d" } }],
  ])("does not speak of a mapping of %s", async (_what, props) => {
    expect(await violations(policy, props)).toEqual([]);
  });
});

describe("lambda-stream-on-failure-destination", () => {
  test.each<[string, unknown]>([
    ["no destinations", undefined],
    ["no destination of failures", {}],
    ["an empty one", { onFailure: {} }],
    ["an empty ARN", { onFailure: { destinationArn: "" } }],
  ])("refuses %s", async (_what, destinationConfig) => {
    expect(
      await violations("lambda-stream-on-failure-destination", { ...STREAM, destinationConfig }),
    ).toEqual([expect.stringMatching(/^mapping: .*Set destinationConfig.onFailure.destinationArn/)]);
  });
});

describe("lambda-stream-bounded-retries", () => {
  const bounded = (change: Given["props"], config = {}) =>
    violations("lambda-stream-bounded-retries", { ...STREAM, ...change }, config);

  test("passes none at all, and the bounds themselves", async () => {
    expect(await bounded({ maximumRetryAttempts: 0 })).toEqual([]);
    expect(await bounded({ maximumRetryAttempts: 100, maximumRecordAgeInSeconds: 43_200 })).toEqual([]);
  });

  test.each([undefined, -1, 101, 10_000])("refuses %j attempts", async (maximumRetryAttempts) => {
    expect(await bounded({ maximumRetryAttempts })).toEqual([
      expect.stringMatching(/^mapping: .*Set maximumRetryAttempts to 100 or less/),
    ]);
  });

  test.each([undefined, -1, 86_400, 604_800])("refuses an age of %j s", async (maximumRecordAgeInSeconds) => {
    expect(await bounded({ maximumRecordAgeInSeconds })).toEqual([
      expect.stringMatching(/^mapping: .*Set maximumRecordAgeInSeconds to 43200 or less/),
    ]);
  });

  test("takes other bounds from its configuration", async () => {
    const change = { maximumRetryAttempts: 1_000, maximumRecordAgeInSeconds: 80_000 };
    expect(await bounded(change, { maximumRetryAttempts: 1_000, maximumRecordAgeSeconds: 80_000 })).toEqual(
      [],
    );
  });
});

describe("lambda-stream-bisect", () => {
  test.each([undefined, false])("refuses %j", async (bisectBatchOnFunctionError) => {
    expect(await violations("lambda-stream-bisect", { ...STREAM, bisectBatchOnFunctionError })).toEqual([
      expect.stringMatching(/^mapping: .*Set bisectBatchOnFunctionError to true/),
    ]);
  });
});
