import type { AwsApi } from "../../local/aws/api";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { Clock } from "../../local/clock";
import { faultyApi } from "../../local/faults/faultyApi";
import { FaultInjector } from "../../local/faults/faultInjector";
import { InjectedError } from "../../local/faults/injectedError";
import type { FaultRule } from "../../local/faults/rules";
import { Counted, planOf, ROLE } from "./support/faults";
import { queueUrl, topicArn } from "./support/messaging";

const faults = new FaultInjector(new Clock());

afterEach(() => faults.clear());

function setRules(...rules: readonly FaultRule[]): void {
  faults.set(planOf(...rules));
}

/** Which of the calls fail, of as many as told: `x` for those. */
async function pattern(api: AwsApi, calls: number, action = "SendMessage"): Promise<string> {
  let failed = "";
  for (let call = 0; call < calls; call++)
    failed += await api.call(action, {}, ROLE).then(
      () => ".",
      () => "x",
    );
  return failed;
}

describe("which calls fail", () => {
  let api: AwsApi;

  beforeEach(() => (api = faultyApi(faults, "sqs", new Counted())));

  const sending = { service: "sqs", operation: "SendMessage", fault: "serverError" } as const;

  it("are the same again with the same seed, and another with another seed", async () => {
    const patterns: string[] = [];
    for (const seed of [7, 7, 8]) {
      faults.set({ seed, rules: [{ ...sending, probability: 0.3 }] });
      patterns.push(await pattern(api, 200));
    }
    expect(patterns[1]).toBe(patterns[0]);
    expect(patterns[2]).not.toBe(patterns[0]);
    expect(patterns[0]?.match(/x/g)?.length).toBeGreaterThan(40);
    expect(patterns[0]?.match(/x/g)?.length).toBeLessThan(80);
  });

  it("do not depend on the calls that come between, nor on other rules that fail some of them", async () => {
    const other = { ...sending, operation: "DeleteMessage", probability: 0.5 } as const;
    const rule = { ...sending, probability: 0.5 } as const;
    setRules(other, rule);
    const alone = await pattern(api, 50);
    setRules({ ...other, operation: "ListQueues" }, rule);
    let between = "";
    for (let call = 0; call < 50; call++) {
      await pattern(api, 3, "ListQueues");
      between += await pattern(api, 1);
    }
    expect(between).toBe(alone);
    expect(faults.report().counters).toMatchObject([{ matched: 150 }, { matched: 50 }]);
  });

  it("are the first ones after those that are skipped, for a count", async () => {
    setRules({ ...sending, count: 2, skip: 3 });
    expect(await pattern(api, 8)).toBe("...xx...");
  });

  it("are all, for always", async () => {
    setRules({ ...sending, always: true });
    expect(await pattern(api, 4)).toBe("xxxx");
  });

  it("are none without a plan, and none after it was cleared", async () => {
    expect(await pattern(api, 2)).toBe("..");
    setRules({ ...sending, always: true });
    faults.clear();
    expect(await pattern(api, 2)).toBe("..");
    expect(faults.report()).toEqual({ plan: null, counters: [] });
  });

  it("are those of the operation and the service alone", async () => {
    const sns = faultyApi(faults, "sns", new Counted());
    setRules({ ...sending, operation: "ReceiveMessage", always: true });
    expect(await pattern(api, 1)).toBe(".");
    expect(await pattern(api, 1, "ReceiveMessage")).toBe("x");
    expect(await pattern(sns, 1, "ReceiveMessage")).toBe(".");
    setRules({ ...sending, operation: "*", always: true });
    expect(await pattern(api, 1, "ListQueues")).toBe("x");
  });

  it("are those whose request names the resource", async () => {
    setRules({ ...sending, resource: "/jobs", always: true });
    const call = (name: string) => api.call("SendMessage", { QueueUrl: queueUrl(name) }, ROLE);
    await expect(call("others")).resolves.toBeDefined();
    await expect(call("jobs")).rejects.toThrow(InjectedError);
  });

  it.each<[string, Caller]>([
    ["role/work", ROLE],
    ["sns.amazonaws.com", { type: "service", service: "sns.amazonaws.com", sourceArn: topicArn("events") }],
    [":events", { type: "service", service: "sns.amazonaws.com", sourceArn: topicArn("events") }],
    ["administrator", ADMINISTRATOR],
  ])("are those of the caller: %s", async (caller, one) => {
    setRules({ ...sending, caller, always: true });
    await expect(api.call("SendMessage", {}, one)).rejects.toThrow(InjectedError);
    const other: Caller = { type: "role", roleArn: "arn:aws:iam::123456789012:role/other", sessionName: "" };
    await expect(api.call("SendMessage", {}, other)).resolves.toBeDefined();
  });

  it("are never the administrator's unless the rule says so", async () => {
    setRules({ ...sending, operation: "*", always: true });
    await expect(api.call("SendMessage", {}, ADMINISTRATOR)).resolves.toBeDefined();
  });

  it("are counted by rule; the first one that takes a call makes it fail", async () => {
    setRules(
      { ...sending, count: 2 },
      { ...sending, operation: "*", count: 3, fault: "throttling" },
      { ...sending, operation: "ListQueues", always: true },
    );
    await pattern(api, 5);
    expect(faults.report().counters).toEqual([
      { matched: 5, injected: 2 },
      { matched: 5, injected: 1 },
      { matched: 0, injected: 0 },
    ]);
  });
});
