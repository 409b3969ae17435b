import { AwsError } from "../../local/aws/error";
import { FUNCTION_ARN } from "./support/lambda";
import { totals } from "./support/metrics";
import { resource } from "./support/resource";
import {
  schedule,
  SCHEDULE_ARN,
  SCHEDULE_GROUP_ARN,
  SCHEDULE_ROLE_ARN,
  startScheduler,
  type SchedulerHarness,
} from "./support/scheduler";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const throttle = () => {
  throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
};
const deny = () => {
  throw new AwsError("AccessDeniedException", "not authorized to perform: lambda:InvokeFunction", 403);
};

let harness: SchedulerHarness;
const start = async (...given: Parameters<typeof startScheduler>) => {
  harness = await startScheduler(...given);
};

describe("a schedule", () => {
  afterEach(() => harness.stop());

  it("invokes its function at its rate, first when one interval has passed", async () => {
    await start();
    await harness.pass(5 * MINUTE_MS - 1_000);
    expect(harness.taken).toHaveLength(0);
    await harness.pass(1_000);
    expect(harness.taken).toHaveLength(1);
    await harness.pass(5 * MINUTE_MS - 1_000);
    expect(harness.taken).toHaveLength(1);
    await harness.pass(1_000);
    expect(harness.taken).toHaveLength(2);
  });

  it.each([
    ["rate(1 minute)", MINUTE_MS],
    ["rate(2 hours)", 120 * MINUTE_MS],
    ["rate(30 days)", 30 * DAY_MS],
  ])("understands %s", async (scheduleExpression, intervalMs) => {
    await start(schedule({ scheduleExpression, scheduleExpressionTimezone: "Europe/London" }));
    await harness.pass(intervalMs - 1_000);
    expect(harness.taken).toHaveLength(0);
    await harness.pass(1_000);
    expect(harness.taken).toHaveLength(1);
  });

  it("invokes it as its role", async () => {
    await start();
    await harness.pass(5 * MINUTE_MS);
    expect(harness.taken).toMatchObject([
      { functionArn: FUNCTION_ARN, caller: { type: "role", roleArn: SCHEDULE_ROLE_ARN } },
    ]);
  });

  it("makes up for a jump of the time once, and goes on from there", async () => {
    await start(schedule({}, { input: '"<aws.scheduler.scheduled-time>"' }));
    const begun = harness.clock.now();
    await harness.pass(17 * MINUTE_MS);
    expect(harness.taken).toHaveLength(1);
    await harness.pass(3 * MINUTE_MS);
    const minutes = harness.taken.map(({ payload }) =>
      Math.round((Date.parse(JSON.parse(payload) as string) - begun) / MINUTE_MS),
    );
    expect(minutes).toEqual([15, 20]);
  });

  it("does nothing while it is disabled", async () => {
    await start(schedule({ state: "DISABLED" }));
    await harness.pass(DAY_MS);
    expect(harness.taken).toEqual([]);
  });

  it("ends with the run", async () => {
    await start(schedule(), { invoke: deny });
    await harness.pass(5 * MINUTE_MS);
    await harness.stop();
    harness.clock.advance(DAY_MS);
    expect(harness.taken).toHaveLength(1);
    await start();
  });

  it("gives its input to the function", async () => {
    await start(schedule({}, { input: '{"shards":16}' }));
    await harness.pass(5 * MINUTE_MS);
    expect(harness.taken).toMatchObject([{ payload: '{"shards":16}' }]);
  });

  it("gives a notification when it has no input", async () => {
    await start();
    await harness.pass(5 * MINUTE_MS);
    expect(JSON.parse(harness.taken[0]?.payload ?? "")).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      "detail-type": "Scheduled Event",
      source: "aws.scheduler",
      account: "123456789012",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      region: "eu-central-1",
      resources: [SCHEDULE_ARN],
      detail: "{}",
    });
  });

  it("replaces the context attributes in its input, in each attempt", async () => {
    const input = JSON.stringify({
      arn: "<aws.scheduler.schedule-arn>",
      time: "<aws.scheduler.scheduled-time>",
      id: "<aws.scheduler.execution-id>",
      attempt: "<aws.scheduler.attempt-number>",
      other: "<aws.scheduler.weather>",
    });
    await start(schedule({}, { input }), { invoke: (attempt) => attempt === 1 && throttle() });
    await harness.pass(5 * MINUTE_MS);
    await harness.pass(1_000);
    const [first, second] = harness.taken.map(({ payload }) => JSON.parse(payload) as Record<string, string>);
    expect(first).toEqual({
      arn: SCHEDULE_ARN,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      attempt: "1",
      other: "<aws.scheduler.weather>",
    });
    expect(second).toEqual({
      ...first,
      id: expect.not.stringMatching(first?.["id"] ?? "") as string,
      attempt: "2",
    });
  });
});

describe("an event that the function does not take", () => {
  afterEach(() => harness.stop());

  const once = schedule({ scheduleExpression: "rate(30 days)" });
  const onceWith = (retryPolicy: object, target: object = {}) =>
    schedule({ scheduleExpression: "rate(30 days)" }, { retryPolicy, ...target });

  it("is tried again, later and later", async () => {
    await start(once, { invoke: (attempt) => attempt < 4 && throttle() });
    await harness.pass(30 * DAY_MS);
    const counts: number[] = [];
    for (const ms of [500, 500, 1_500, 500, 3_500, 500, DAY_MS]) {
      await harness.pass(ms);
      counts.push(harness.taken.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4]);
    expect(totals(harness.metrics, "AWS/Scheduler")).toMatchObject({
      InvocationAttemptCount: 4,
      TargetErrorCount: 3,
      TargetErrorThrottledCount: 3,
      InvocationDroppedCount: 0,
    });
    expect(await harness.deadLetters()).toEqual([]);
  });

  it("goes to the dead-letter queue after its retries", async () => {
    await start(onceWith({ maximumRetryAttempts: 2 }, { input: '{"shards":16}' }), { invoke: deny });
    await harness.pass(30 * DAY_MS);
    await harness.pass(1_000);
    await harness.pass(2_000);
    expect(await harness.deadLetters()).toEqual([
      {
        body: '{"shards":16}',
        attributes: {
          ERROR_CODE: "AccessDeniedException",
          ERROR_MESSAGE: "not authorized to perform: lambda:InvokeFunction",
          EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
          IS_PAYLOAD_TRUNCATED: "false",
          RETRY_ATTEMPTS: "2",
          SCHEDULED_TIME: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
          SCHEDULE_ARN,
          TARGET_ARN: "arn:aws:scheduler:::aws-sdk:lambda:invoke",
        },
      },
    ]);
    expect(totals(harness.metrics, "AWS/Scheduler")).toMatchObject({
      InvocationAttemptCount: 3,
      TargetErrorCount: 3,
      TargetErrorThrottledCount: 0,
      InvocationDroppedCount: 1,
      InvocationsSentToDeadLetterCount: 1,
    });
  });

  it("goes there when it is too old for another retry", async () => {
    await start(onceWith({ maximumEventAgeInSeconds: 60 }), { invoke: deny });
    await harness.pass(30 * DAY_MS);
    for (let seconds = 0; seconds < 60; seconds += 4) await harness.pass(4_000);
    // At 0, 1, 3, 7, 15 and 31 s; the next one would be at 63 s.
    expect(harness.taken.length).toBeLessThanOrEqual(6);
    expect(await harness.deadLetters()).toMatchObject([
      { attributes: { EXHAUSTED_RETRY_CONDITION: "MaximumEventAgeInSeconds" } },
    ]);
  });

  it("goes there with an error of Scheduler's own when the run itself fails", async () => {
    const fault = new TypeError("a fault of the run");
    const invoke = () => Promise.reject(fault);
    await start(onceWith({ maximumRetryAttempts: 0 }), { invoke });
    await harness.pass(30 * DAY_MS);
    expect(await harness.deadLetters()).toMatchObject([
      {
        attributes: {
          ERROR_CODE: "AWS.Scheduler.InternalServerError",
          ERROR_MESSAGE: "Unexpected error occurred while processing the request",
        },
      },
    ]);
    expect(harness.faults).toEqual([fault]);
  });

  it("is lost without a dead-letter queue, and counted", async () => {
    await start(onceWith({ maximumRetryAttempts: 0 }, { deadLetterConfig: undefined }), { invoke: deny });
    await harness.pass(30 * DAY_MS);
    expect(totals(harness.metrics, "AWS/Scheduler")).toMatchObject({
      InvocationDroppedCount: 1,
      InvocationsSentToDeadLetterCount: 0,
    });
    expect(harness.faults).toEqual([]);
  });

  it("is lost when the role may not send to the dead-letter queue, counted, and reported", async () => {
    await start(onceWith({ maximumRetryAttempts: 0 }), { invoke: deny, sends: false });
    await harness.pass(30 * DAY_MS);
    expect(await harness.deadLetters()).toEqual([]);
    expect(totals(harness.metrics, "AWS/Scheduler")).toMatchObject({
      InvocationsFailedToBeSentToDeadLetterCount: 1,
      InvocationsFailedToBeSentToDeadLetterCount_AccessDeniedException: 1,
    });
    expect(harness.faults).toMatchObject([{ name: "AccessDeniedException" }]);
  });
});

describe("hosting a schedule", () => {
  const group = resource("aws:scheduler/scheduleGroup:ScheduleGroup", "own", {}, { name: "own", arn: "" });
  const withCondition = (condition: object) => ({ trust: { Condition: condition } });

  it.each([
    ["cron expressions", { scheduleExpression: "cron(0 8 * * ? *)" }, {}, "no cron, no at"],
    ["one-time schedules", { scheduleExpression: "at(2026-01-01T00:00:00)" }, {}, "no cron, no at"],
    ["rates of nothing", { scheduleExpression: "rate(0 minutes)" }, {}, "scheduleExpression"],
    ["flexible time windows", { flexibleTimeWindow: { mode: "FLEXIBLE" } }, {}, "flexible time windows"],
    ["start dates", { startDate: "2026-01-01T00:00:00Z" }, {}, "startDate"],
    ["queues as targets", {}, { arn: "arn:aws:sqs:eu-central-1:123456789012:q" }, "a Lambda function"],
    ["universal targets", {}, { arn: "arn:aws:scheduler:::aws-sdk:lambda:invoke" }, "a Lambda function"],
    ["versions of functions", {}, { arn: `${FUNCTION_ARN}:7` }, "a Lambda function"],
    ["inputs that are no JSON", {}, { input: "{" }, "must be JSON"],
    ["other dead-letter queues than SQS's", {}, { deadLetterConfig: { arn: FUNCTION_ARN } }, "SQS"],
    ["more retries than Scheduler's", {}, { retryPolicy: { maximumRetryAttempts: 186 } }, "maximumRetry"],
    ["groups that are not there", { groupName: "own" }, {}, 'The group "own" of the schedule "sweep"'],
  ])("refuses %s", async (_what, inputs, target, problem) => {
    await expect(startScheduler(schedule(inputs, target))).rejects.toThrow(
      new RegExp(`(?=[^]*sweep)(?=[^]*${problem})`),
    );
  });

  it("refuses a role that does not trust Scheduler", async () => {
    const trust = { Principal: { Service: "events.amazonaws.com" } };
    await expect(startScheduler(schedule(), { trust })).rejects.toThrow(
      'The execution role of the schedule "sweep" must allow EventBridge Scheduler to assume it: User: scheduler',
    );
  });

  it("refuses a disabled schedule's role, too", async () => {
    const trust = { Principal: { Service: "events.amazonaws.com" } };
    await expect(startScheduler(schedule({ state: "DISABLED" }), { trust })).rejects.toThrow("sweep");
  });

  it("assumes a role that trusts it for its account and its group", async () => {
    const StringEquals = { "aws:SourceAccount": "123456789012", "aws:SourceArn": SCHEDULE_GROUP_ARN };
    await start(schedule(), withCondition({ StringEquals }));
    await harness.stop();
  });

  it("does not ask for the schedule itself", async () => {
    const StringEquals = { "aws:SourceArn": SCHEDULE_ARN };
    await expect(startScheduler(schedule(), withCondition({ StringEquals }))).rejects.toThrow("sweep");
  });

  it("counts for the group that the schedule is in", async () => {
    await start(schedule({ groupName: "own" }), { resources: [group] });
    await harness.pass(5 * MINUTE_MS);
    const attempts = harness.metrics.find({
      namespace: "AWS/Scheduler",
      name: "InvocationAttemptCount",
      dimensions: { ScheduleGroup: "own" },
    });
    expect(attempts?.byPeriod(0, Infinity, MINUTE_MS)).toMatchObject([[expect.any(Number), { sum: 1 }]]);
    await harness.stop();
  });

  it("encrypts the input with a key that its role must be allowed to decrypt with", async () => {
    const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1";
    const uses: unknown[][] = [];
    const keys = { authorizeKey: (...use: unknown[]) => void uses.push(use) };
    await start(schedule({ kmsKeyArn: keyArn }), { keys });
    await harness.pass(5 * MINUTE_MS);
    const context = { "kms:EncryptionContext:aws:scheduler:schedule:arn": SCHEDULE_ARN };
    const role = expect.objectContaining({ roleArn: SCHEDULE_ROLE_ARN }) as object;
    expect(uses.map(([, action]) => action)).toEqual([
      "kms:DescribeKey",
      "kms:GenerateDataKey",
      "kms:Decrypt",
      "kms:Decrypt",
    ]);
    expect(uses.at(-1)).toEqual([role, "kms:Decrypt", keyArn, "scheduler", context]);
    await harness.stop();
  });

  it("refuses a key that is not there", async () => {
    const keys = {
      authorizeKey: () => {
        throw new AwsError("NotFoundException", "The key does not exist.", 400);
      },
    };
    await expect(
      startScheduler(schedule({ kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1" }), { keys }),
    ).rejects.toThrow('The schedule "sweep" cannot be encrypted: The key does not exist.');
  });
});
