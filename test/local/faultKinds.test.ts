import type { AwsApi, AwsApis } from "../../local/aws/api";
import { AwsError } from "../../local/aws/error";
import { Clock } from "../../local/clock";
import { faultyApi } from "../../local/faults/faultyApi";
import { FaultInjector } from "../../local/faults/faultInjector";
import { InjectedError } from "../../local/faults/injectedError";
import { REFUSALS, type FaultRule } from "../../local/faults/rules";
import { Sns } from "../../local/sns/sns";
import { waitFor } from "../support/waitFor";
import { allowAll } from "./support/authorizer";
import { Counted, planOf, ROLE } from "./support/faults";
import {
  host,
  queue,
  queueArn,
  queueUrl,
  subscription,
  topic,
  topicArn,
  type Messaging,
} from "./support/messaging";

const MINUTE_MS = 60_000;

let clock: Clock;
let faults: FaultInjector;

beforeEach(() => {
  clock = new Clock();
  faults = new FaultInjector(clock);
});

afterEach(() => {
  faults.stop();
  clock.stop();
});

function setRules(...rules: readonly FaultRule[]): void {
  faults.set(planOf(...rules));
}

async function errorOf(call: Promise<unknown>): Promise<AwsError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AwsError)) throw new Error("The call did not fail as a service would.");
  return error;
}

/** Whether the promise is still open once everything else has had its turn. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settle = () => (open = false);
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return open;
}

describe("a refused call", () => {
  const codes: Readonly<Record<keyof AwsApis, readonly string[]>> = {
    sqs: [
      "RequestThrottled 403",
      "InternalFailure 500",
      "ServiceUnavailable 503",
      "AccessDeniedException 403",
    ],
    sns: [
      "ThrottledException 429",
      "InternalErrorException 500",
      "ServiceUnavailable 503",
      "AuthorizationErrorException 403",
    ],
    dynamodb: [
      "ProvisionedThroughputExceededException 400",
      "InternalServerError 500",
      "ServiceUnavailable 503",
      "AccessDeniedException 400",
    ],
    states: [
      "ThrottlingException 400",
      "InternalFailure 500",
      "ServiceUnavailable 503",
      "AccessDeniedException 400",
    ],
    logs: [
      "ThrottlingException 400",
      "InternalServerException 500",
      "ServiceUnavailableException 503",
      "AccessDeniedException 400",
    ],
    cloudwatch: [
      "ThrottlingException 400",
      "InternalServiceFault 500",
      "ServiceUnavailable 503",
      "AccessDeniedException 403",
    ],
  };

  it.each(Object.keys(codes) as (keyof AwsApis)[])("has the error of %s and no effect", async (service) => {
    const counted = new Counted();
    const api = faultyApi(faults, service, counted);
    const found: string[] = [];
    for (const fault of REFUSALS) {
      setRules({ service, operation: "*", always: true, fault });
      const { code, status } = await errorOf(api.call("Anything", {}, ROLE));
      found.push(`${code} ${status}`);
    }
    expect(found).toEqual(codes[service]);
    expect(counted.done).toEqual([]);
  });

  it("has the code that the rule gives", async () => {
    const api = faultyApi(faults, "dynamodb", new Counted());
    setRules({
      service: "dynamodb",
      operation: "*",
      always: true,
      fault: "throttling",
      code: "ThrottlingException",
    });
    expect(await errorOf(api.call("PutItem", {}, ROLE))).toMatchObject({
      code: "ThrottlingException",
      status: 400,
    });
  });
});

describe("with a queue", () => {
  let messaging: Messaging;
  let sqs: AwsApi;

  beforeEach(() => {
    messaging = host([queue("jobs", { visibilityTimeoutSeconds: 30 })]);
    faults = new FaultInjector(messaging.clock);
    clock = messaging.clock;
    sqs = faultyApi(faults, "sqs", messaging.sqs);
  });

  afterEach(() => messaging.stop());

  const always = (fault: FaultRule["fault"], rest: Partial<FaultRule> = {}) =>
    setRules({ service: "sqs", operation: "SendMessage", always: true, fault, ...rest });
  const send = (signal?: AbortSignal) =>
    sqs.call("SendMessage", { QueueUrl: queueUrl("jobs"), MessageBody: "a" }, ROLE, signal);

  it("fails after the effect", async () => {
    always("errorAfterEffect");
    expect(await errorOf(send())).toMatchObject({ code: "InternalFailure", status: 500 });
    expect(await messaging.bodies("jobs")).toEqual(["a"]);
  });

  it("loses the answer after the effect, until the caller gives up", async () => {
    always("lostAnswer");
    const patience = new AbortController();
    const sent = send(patience.signal);
    await waitFor(async () => (await messaging.bodies("jobs")).length === 1);
    expect(await isOpen(sent)).toBe(true);
    patience.abort();
    await expect(sent).rejects.toThrow(InjectedError);
  });

  it("gives no answer and has no effect", async () => {
    always("noAnswer");
    const patience = new AbortController();
    const sent = send(patience.signal);
    expect(await isOpen(sent)).toBe(true);
    expect(await messaging.bodies("jobs")).toEqual([]);
    patience.abort();
    await expect(sent).rejects.toThrow(InjectedError);
  });

  it("answers a caller that would wait for ever with an error after a minute", async () => {
    always("noAnswer");
    const sent = send();
    clock.advance(MINUTE_MS - 1_000);
    expect(await isOpen(sent)).toBe(true);
    clock.advance(1_000);
    expect(await errorOf(sent)).toMatchObject({ status: 503 });
  });

  it("lets go of what waits when the run stops, and injects nothing any more", async () => {
    always("noAnswer");
    const sent = send();
    faults.stop();
    await expect(sent).rejects.toThrow(InjectedError);
    await expect(send()).resolves.toBeDefined();
  });

  it("delays the effect, by the run's clock", async () => {
    always("delay", { milliseconds: 5_000 });
    const sent = send();
    expect(await isOpen(sent)).toBe(true);
    expect(await messaging.bodies("jobs")).toEqual([]);
    clock.advance(5_000);
    await sent;
    expect(await messaging.bodies("jobs")).toEqual(["a"]);
  });

  it("does it twice and answers once", async () => {
    always("duplicate");
    const { MessageId } = await send();
    const received = await messaging.receive("jobs");
    expect(received.map(({ Body }) => Body)).toEqual(["a", "a"]);
    expect(received[0]?.MessageId).toBe(MessageId);
    expect(received[1]?.MessageId).not.toBe(MessageId);
  });

  it.each(["DeleteMessage", "DeleteMessageBatch"])(
    "ignores %s: the message comes again",
    async (operation) => {
      always("ignored", { operation });
      await messaging.send("jobs", "a");
      const [first] = await messaging.receive("jobs");
      const ReceiptHandle = first?.ReceiptHandle;
      const handles =
        operation === "DeleteMessage" ? { ReceiptHandle } : { Entries: [{ Id: "0", ReceiptHandle }] };
      const answer = await sqs.call(operation, { QueueUrl: queueUrl("jobs"), ...handles }, ROLE);
      expect(answer).toEqual(operation === "DeleteMessage" ? {} : { Successful: [{ Id: "0" }] });
      clock.advance(30_001);
      const [again] = await messaging.receive("jobs");
      expect(again?.MessageId).toBe(first?.MessageId);
    },
  );

  it("receives once with duplicates of everything: a second receive would hide more", async () => {
    always("duplicate", { operation: "*" });
    await messaging.send("jobs", "a");
    await messaging.send("jobs", "b");
    await sqs.call("ReceiveMessage", { QueueUrl: queueUrl("jobs") }, ROLE);
    expect(await messaging.bodies("jobs")).toHaveLength(1);
  });

  it("kills the process, where the plan may do so", async () => {
    const killProcess = jest.fn();
    faults = new FaultInjector(clock, { killProcess });
    sqs = faultyApi(faults, "sqs", messaging.sqs);
    always("killProcess", { skip: 1 });
    await send();
    expect(killProcess).not.toHaveBeenCalled();
    const last = send();
    expect(killProcess).toHaveBeenCalledTimes(1);
    expect(await messaging.bodies("jobs")).toEqual(["a"]);
    faults.stop();
    await expect(last).rejects.toThrow(InjectedError);
  });
});

describe("a topic whose queues fail", () => {
  let messaging: Messaging;
  let sns: Sns;

  beforeEach(() => {
    messaging = host([queue("jobs"), queue("dead")]);
    clock = messaging.clock;
    faults = new FaultInjector(clock);
    const { store, metrics } = messaging;
    const sqs = faultyApi(faults, "sqs", messaging.sqs);
    sns = new Sns({ store, clock, iam: allowAll, keys: allowAll, metrics, sqs });
    for (const one of [topic("events"), subscription("jobs", { redrivePolicy })]) sns.hosts[one.type]?.(one);
    sns.start();
  });

  afterEach(async () => {
    faults.stop();
    await sns.stop();
    await messaging.stop();
  });

  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });
  const publish = () => sns.call("Publish", { TopicArn: topicArn("events"), Message: "a" }, ROLE);

  it.each(["throttling", "serverError", "unavailable"] as const)("tries again after %s", async (fault) => {
    setRules({ service: "sqs", operation: "SendMessage", caller: "sns.amazonaws.com", count: 2, fault });
    await publish();
    await waitFor(async () => (await messaging.bodies("jobs")).length === 1);
  });

  it("gives a message that is denied to the dead-letter queue", async () => {
    setRules({
      service: "sqs",
      operation: "SendMessage",
      resource: "/jobs",
      always: true,
      fault: "accessDenied",
    });
    await publish();
    expect(await messaging.bodies("dead")).toHaveLength(1);
    expect(await messaging.bodies("jobs")).toEqual([]);
  });
});
