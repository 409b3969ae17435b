import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsDocument } from "../../local/aws/api";
import type { Authorizer } from "../../local/aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { MetricStore } from "../../local/cloudwatch/metricStore";
import { Clock } from "../../local/clock";
import { retryDelayMs } from "../../local/sns/delivery";
import { Sns } from "../../local/sns/sns";
import { openStore, type Store } from "../../local/store";
import { allowAll } from "./support/authorizer";
import { totals } from "./support/metrics";
import { host, queue, queueArn, subscription, topic, topicArn } from "./support/messaging";

const TopicArn = topicArn("events");
const deadLetters = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });

describe("a queue that refuses a delivery", () => {
  /** The queue `work` lets nobody in but SNS, and SNS only for the topics named. */
  const onlyFor =
    (...topics: string[]): Authorizer["authorize"] =>
    (caller, action, resource) => {
      if (resource !== queueArn("work") || action !== "sqs:SendMessage") return;
      const isSns = caller.type === "service" && caller.service === "sns.amazonaws.com";
      if (!isSns || !topics.includes(caller.sourceArn))
        throw new AwsError("AccessDeniedException", "no", 403);
    };
  const publish = ({ sns }: ReturnType<typeof host>, more: AwsDocument = {}) =>
    sns.call("Publish", { TopicArn, Message: "x", ...more }, ADMINISTRATOR);

  it("is asked as the service, on behalf of the topic", async () => {
    const access = { ...allowAll, authorize: onlyFor(TopicArn) };
    const run = host([topic("events"), queue("work"), subscription("work", { rawMessageDelivery: true })], {
      access,
    });
    await publish(run);
    expect(await run.bodies("work")).toEqual(["x"]);
    await run.stop();
  });

  it("is not tried again: the message goes to the subscription's dead-letter queue", async () => {
    const access = { ...allowAll, authorize: onlyFor(topicArn("another")) };
    const resources = [
      topic("events"),
      queue("work"),
      queue("dead"),
      subscription("work", { rawMessageDelivery: true, redrivePolicy: deadLetters }),
    ];
    const run = host(resources, { access });
    await publish(run, { MessageAttributes: { a: { DataType: "String", StringValue: "b" } } });
    const [dead, ...others] = await run.receive("dead");
    expect(dead).toMatchObject({ Body: "x", MessageAttributes: { a: { StringValue: "b" } } });
    run.clock.advance(3_600_000);
    expect([...others, ...(await run.receive("work"))]).toEqual([]);
    expect(totals(run.metrics, "AWS/SNS")).toEqual({
      NumberOfMessagesPublished: 1,
      NumberOfNotificationsDelivered: 0,
      NumberOfNotificationsFilteredOut: 0,
      NumberOfNotificationsFailedToRedriveToDlq: 0,
      NumberOfNotificationsFailed: 1,
      NumberOfNotificationsRedrivenToDlq: 1,
    });
    await run.stop();
  });

  it("loses the message without a dead-letter queue, and the loss is counted", async () => {
    const run = host([topic("events"), subscription("work")]);
    await publish(run);
    expect(totals(run.metrics, "AWS/SNS")).toMatchObject({ NumberOfNotificationsFailed: 1 });
    await run.stop();
  });

  it("does not keep the message from the topic's other queues", async () => {
    const run = host([
      topic("events"),
      queue("good"),
      subscription("work"),
      subscription("good", { rawMessageDelivery: true }),
    ]);
    await publish(run);
    expect(await run.bodies("good")).toEqual(["x"]);
    await run.stop();
  });

  it("is one with raw delivery and a message of more than ten attributes", async () => {
    const run = host([
      topic("events"),
      queue("raw"),
      queue("wrapped"),
      subscription("raw", { rawMessageDelivery: true }),
      subscription("wrapped"),
    ]);
    const attributes = Array.from({ length: 11 }, (_, i) => [
      `a${i}`,
      { DataType: "String", StringValue: "x" },
    ]);
    await publish(run, { MessageAttributes: Object.fromEntries(attributes) as AwsDocument });
    expect(await run.bodies("raw")).toEqual([]);
    expect(await run.bodies("wrapped")).toHaveLength(1);
    await run.stop();
  });
});

describe("a queue that fails", () => {
  let folder: string;
  let store: Store;
  let clock: Clock;
  let metrics: MetricStore;
  let sns: Sns;
  const failure = () => Promise.reject(new AwsError("InternalFailure", "broken", 500));
  const send = jest.fn<Promise<AwsDocument>, [string, AwsDocument, Caller]>();

  function startSns(): void {
    store = openStore(folder);
    clock = new Clock();
    metrics = new MetricStore(clock);
    sns = new Sns({ store, clock, metrics, iam: allowAll, keys: allowAll, sqs: { call: send } });
    sns.hosts["aws:sns/topic:Topic"]?.(topic("events"));
    const inputs = { rawMessageDelivery: true, redrivePolicy: deadLetters };
    sns.hosts["aws:sns/topicSubscription:TopicSubscription"]?.(subscription("work", inputs));
    sns.start();
  }

  async function stopSns(): Promise<void> {
    await sns.stop();
    clock.stop();
    store.close();
  }

  /** Lets the clock run until the queue has been tried so often. */
  async function untilTried(times: number): Promise<void> {
    while (send.mock.calls.length < times) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sns-test-"));
    send.mockReset();
    startSns();
  });

  afterEach(async () => {
    await stopSns();
    rmSync(folder, { recursive: true });
  });

  const publish = () => sns.call("Publish", { TopicArn, Message: "x" }, ADMINISTRATOR);
  const counts = () => totals(metrics, "AWS/SNS");

  it("is tried again until it takes the message", async () => {
    send.mockImplementationOnce(failure).mockImplementationOnce(failure).mockResolvedValue({});
    await publish();
    expect(counts().NumberOfNotificationsDelivered).toBe(0);
    await untilTried(3);
    expect(send).toHaveBeenLastCalledWith(
      "SendMessage",
      { QueueUrl: "/123456789012/work", MessageBody: "x" },
      { type: "service", service: "sns.amazonaws.com", sourceArn: TopicArn },
    );
    await sns.stop();
    expect(counts()).toMatchObject({ NumberOfNotificationsDelivered: 1, NumberOfNotificationsFailed: 0 });
  });

  it("is tried again after the run was killed, and only until it has taken the message", async () => {
    send.mockImplementation(failure);
    await publish();
    await stopSns();
    send.mockReset().mockResolvedValue({});
    startSns();
    await untilTried(1);
    await stopSns();
    startSns();
    clock.advance(60_000);
    await sns.stop();
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("that refuses at last sends the message to the dead-letter queue", async () => {
    send
      .mockImplementationOnce(failure)
      .mockRejectedValueOnce(new AwsError("QueueDoesNotExist", "gone", 400))
      .mockResolvedValue({});
    await publish();
    await untilTried(3);
    expect(send.mock.lastCall?.[1]).toMatchObject({ QueueUrl: "/123456789012/dead" });
    await sns.stop();
    expect(counts()).toMatchObject({ NumberOfNotificationsFailed: 1, NumberOfNotificationsRedrivenToDlq: 1 });
  });

  it("is tried with SNS's delays: three at once, then 1 s, then up to 20 s for 23 days", () => {
    const delays = [1, 3, 4, 5, 6, 15, 16, 100_015].map(retryDelayMs);
    expect(delays).toEqual([0, 0, 1000, 1000, 1000, 20_000, 20_000, 20_000]);
    expect(retryDelayMs(100_016)).toBeUndefined();
  });
});

describe("a resource of the program is refused", () => {
  it.each([
    ["a FIFO topic", topic("bad", { fifoTopic: true }), "FIFO topics are not hosted"],
    [
      "a topic with a property that is not known",
      topic("bad", { colour: "red" }),
      'Unrecognized key: "colour"',
    ],
    [
      "a subscription of neither queue nor e-mail",
      subscription("bad", { protocol: "sms" }),
      'protocol "sqs"',
    ],
    [
      "a subscription of what is no queue",
      subscription("bad", { endpoint: TopicArn }),
      "must be the ARN of a sqs resource",
    ],
    [
      "a subscription to a topic that there is not",
      subscription("bad", { topic: topicArn("none") }),
      "Topic does not exist",
    ],
    [
      "a subscription with an invalid filter",
      subscription("bad", { filterPolicy: '{"a":"b"}' }),
      '"a" must be an object or an array',
    ],
    [
      "a subscription with an invalid dead-letter queue",
      subscription("bad", { redrivePolicy: "{}" }),
      "deadLetterTargetArn",
    ],
  ])("when it is %s", (_what, resource, message) => {
    expect(() => host([topic("events"), resource])).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) as string }),
    );
  });
});
