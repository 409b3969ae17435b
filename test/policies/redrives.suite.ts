import { deadLetterPolicies } from "../../policies/deadLetters";
import { check, type Given } from "./support/check";
import { arnOf, messageAlarm, queue, redrive, redriveText } from "./support/queues";

const WORK = queue("work");
const DEAD = queue("dead", { messageRetentionSeconds: 1_209_600 });
const GOOD = [WORK, DEAD, redrive("work", "dead")];

const DENY_ALL = { redrivePermission: "denyAll" };
const byQueue = (...sourceQueueArns: string[]) => ({ redrivePermission: "byQueue", sourceQueueArns });

/** What the dead-letter queue says of the queues that it is for. */
const allowing = (document: object): Given => ({
  type: "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  name: "allow",
  props: { redriveAllowPolicy: JSON.stringify(document) },
  madeOf: { queueUrl: ["dead"] },
});

describe("sqs-redrive-dead-letter-target", () => {
  const violations = (given: Given[]) => check(deadLetterPolicies, "sqs-redrive-dead-letter-target", given);

  test("passes a redrive policy to another queue, of this stack or another", async () => {
    expect(await violations(GOOD)).toEqual([]);
    expect(
      await violations([WORK, { ...redrive("work", "elsewhere"), madeOf: { queueUrl: ["work"] } }]),
    ).toEqual([]);
  });

  test.each<[string, Given[], RegExp]>([
    ["no text", [redrive("work", "dead", "")], /is no JSON/],
    ["a text that is no JSON", [redrive("work", "dead", "dead")], /is no JSON/],
    ["no target", [redrive("work", "dead", '{"maxReceiveCount":5}')], /names no dead-letter queue/],
    [
      "an empty target",
      [redrive("work", "dead", '{"deadLetterTargetArn":"","maxReceiveCount":5}')],
      /names no dead-letter queue/,
    ],
    [
      "a target that is no queue",
      [redrive("work", "dead", '{"deadLetterTargetArn":"arn:aws:sns:eu-west-1:123456789012:dead"}')],
      /names no dead-letter queue/,
    ],
    ["a target that takes nothing", [redrive("work", "dead"), allowing(DENY_ALL)], /refuses "work"/],
    [
      "a target that takes from others",
      [redrive("work", "dead"), allowing(byQueue(arnOf("other")))],
      /refuses "work"/,
    ],
    ["itself as target", [redrive("work", "work")], /back to it/],
    ["a queue as target that leads back", [redrive("work", "dead"), redrive("dead", "work")], /back to it/],
  ])("refuses a redrive policy with %s", async (_what, policies, fault) => {
    const [found] = await violations([WORK, DEAD, ...policies]);
    expect(found).toMatch(/^work-redrive: .*Write the ARN of another queue/);
    expect(found).toMatch(fault);
  });

  test.each([
    ["from this queue", byQueue(arnOf("other"), arnOf("work"))],
    ["from all queues", { redrivePermission: "allowAll" }],
  ])("passes a target that takes %s", async (_what, document) => {
    expect(await violations([...GOOD, allowing(document)])).toEqual([]);
  });

  test("refuses a target that takes nothing by its own property", async () => {
    const dead = queue("dead", { redriveAllowPolicy: JSON.stringify(DENY_ALL) });
    expect(await violations([WORK, dead, redrive("work", "dead")])).toHaveLength(1);
  });

  test("refuses a queue that is its own dead-letter queue by its own property", async () => {
    expect(await violations([queue("work", { redrivePolicy: redriveText("work") })])).toEqual([
      expect.stringMatching(/^work: .*back to it/),
    ]);
  });
});

describe("sqs-redrive-receive-count", () => {
  const violations = (maxReceiveCount: unknown, config = {}) =>
    check(
      deadLetterPolicies,
      "sqs-redrive-receive-count",
      [redrive("work", "dead", redriveText("dead", maxReceiveCount))],
      { config },
    );

  test.each([3, 100, "5"])("passes %j receives", async (count) => {
    expect(await violations(count)).toEqual([]);
  });

  test.each([1, 2, 101, 1_000, "1", "", "many", 3.5, null])("refuses %j receives", async (count) => {
    expect(await violations(count)).toEqual([
      expect.stringMatching(/^work-redrive: .*whole number from 3 to 100 as maxReceiveCount/),
    ]);
  });

  test.each([undefined, "", "5", "{}", JSON.stringify({ deadLetterTargetArn: arnOf("dead") })])(
    "refuses a redrive policy that is %j",
    async (redrivePolicy) => {
      const given = [{ ...redrive("work", "dead"), props: { redrivePolicy } }];
      expect(await check(deadLetterPolicies, "sqs-redrive-receive-count", given)).toHaveLength(1);
    },
  );

  test("refuses a queue's own redrive policy, and passes a queue without one", async () => {
    const given = [queue("work", { redrivePolicy: redriveText("dead", 1) }), DEAD];
    expect(await check(deadLetterPolicies, "sqs-redrive-receive-count", given)).toEqual([
      expect.stringMatching(/^work: /),
    ]);
  });

  test("takes other bounds from its configuration", async () => {
    expect(await violations(1, { minimum: 1 })).toEqual([]);
    expect(await violations(9, { maximum: 8 })).toHaveLength(1);
  });
});

describe("sqs-dead-letter-queue-retention", () => {
  const violations = (given: Given[], config = {}) =>
    check(deadLetterPolicies, "sqs-dead-letter-queue-retention", given, { config });
  const DAY_SECONDS = 86_400;
  const pair = (sourceDays: number | undefined, targetDays: number | undefined) => {
    const kept = (days: number | undefined) =>
      days === undefined ? {} : { messageRetentionSeconds: days * DAY_SECONDS };
    return [queue("work", kept(sourceDays)), queue("dead", kept(targetDays)), redrive("work", "dead")];
  };

  test("refuses a queue that people look into when it forgets within hours", async () => {
    const forgetful = queue("given-up", { name: "given-up", messageRetentionSeconds: 3_600 });
    expect(await violations([forgetful, messageAlarm("given-up")])).toEqual([
      expect.stringContaining('Failure queue "given-up" keeps messages for 3600 s'),
    ]);
  });

  test.each([
    [4, 14],
    [undefined, 5],
    [1, 4],
    [3, undefined],
  ])("passes a source of %j days and a dead-letter queue of %j", async (source, target) => {
    expect(await violations(pair(source, target))).toEqual([]);
  });

  test.each([
    [4, 4],
    [undefined, undefined],
    [undefined, 4],
    [5, undefined],
    [14, 14],
  ])("refuses a source of %j days and a dead-letter queue of %j", async (source, target) => {
    expect(await violations(pair(source, target))).toEqual([
      expect.stringMatching(/^dead: .*source "work" for .*messageRetentionSeconds higher/),
    ]);
  });

  test("refuses it where the redrive policy is the queue's own property", async () => {
    const given = [queue("work", { redrivePolicy: redriveText("dead") }), queue("dead")];
    expect(await violations(given)).toHaveLength(1);
  });

  test.each([
    ["the receives take longer", { messageRetentionSeconds: 300, visibilityTimeoutSeconds: 60 }, 5, 1],
    ["the default receives do", { messageRetentionSeconds: 150 }, 5, 1],
    ["there is time for the receives", { messageRetentionSeconds: 301, visibilityTimeoutSeconds: 60 }, 5, 0],
    ["no number of receives can be told", { messageRetentionSeconds: 60 }, "many", 0],
  ])("asks for a message to be moved before it expires: %s", async (_what, props, receives, faults) => {
    const dead = queue("dead", { messageRetentionSeconds: 1_209_600 });
    const given = [queue("work", props), dead, redrive("work", "dead", redriveText("dead", receives))];
    const expired = expect.stringMatching(
      /^work: .*expires before it is moved.*messageRetentionSeconds higher/,
    );
    expect(await violations(given)).toEqual(Array.from({ length: faults }, () => expired));
  });

  test("refuses a failure queue that forgets within days, though no queue is its source", async () => {
    const mapping = {
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      name: "mapping",
      props: {},
      madeOf: { destinationConfig: ["failures"] },
    };
    const failures = queue("failures", { messageRetentionSeconds: 60 });
    expect(await violations([failures, mapping])).toEqual([
      expect.stringMatching(/^failures: .*for 60 s.*345600 or more/),
    ]);
    expect(await violations([failures, mapping], { minimumSeconds: 60 })).toEqual([]);
  });
});
