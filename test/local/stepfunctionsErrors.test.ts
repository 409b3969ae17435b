import { AwsError } from "../../local/aws/error";
import { MachineFixture, CATCH_ALL, publisher } from "./support/stateMachine";

let fixture: MachineFixture | undefined;

async function start(...args: Parameters<typeof MachineFixture.start>): Promise<MachineFixture> {
  return (fixture = await MachineFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

function throttled(): AwsError {
  return new AwsError("ThrottledException", "Rate exceeded", 429);
}

describe("Retry", () => {
  const retry = (fields: Readonly<Record<string, unknown>>) => ({ ErrorEquals: ["States.ALL"], ...fields });

  /** Advances the clock until the machine has made so many calls; returns the seconds that passed before each. */
  async function delays(machine: MachineFixture, calls: number): Promise<number[]> {
    const seconds: number[] = [];
    for (let made = 1; made <= calls; made += 1) {
      let passed = 0;
      await machine.until(() => {
        if (machine.services.sns.calls.length >= made) return true;
        machine.clock.advance(500);
        passed += 0.5;
        return false;
      });
      seconds.push(passed);
    }
    return seconds;
  }

  it("calls again after growing delays, at most as often as it says", async () => {
    const machine = await start(
      publisher({ Retry: [retry({ IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 })] }),
    );
    machine.services.sns.answer(throttled(), throttled(), throttled(), throttled());
    await machine.begin({ message: "x" });
    const [, first, second] = await delays(machine, 3);
    expect(Math.abs(Number(first) - 2)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(Number(second) - 6)).toBeLessThanOrEqual(0.5);
    await machine.until(async () => (await machine.history()).at(-1)?.type === "ExecutionFailed");
    expect(machine.services.sns.calls).toHaveLength(3);
  });

  it("never waits longer than MaxDelaySeconds", async () => {
    const fields = { IntervalSeconds: 4, BackoffRate: 10, MaxDelaySeconds: 5, MaxAttempts: 2 };
    const machine = await start(publisher({ Retry: [retry(fields)] }));
    machine.services.sns.answer(throttled(), throttled());
    await machine.begin({ message: "x" });
    const [, , second] = await delays(machine, 3);
    expect(Number(second)).toBeLessThanOrEqual(5.5);
  });

  it("waits a random part of the delay with full jitter", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.25);
    const machine = await start(
      publisher({ Retry: [retry({ IntervalSeconds: 8, JitterStrategy: "FULL" })] }),
    );
    machine.services.sns.answer(throttled());
    await machine.begin({ message: "x" });
    const [, first] = await delays(machine, 2);
    jest.restoreAllMocks();
    expect(Math.abs(Number(first) - 2)).toBeLessThanOrEqual(0.5);
  });

  it("counts each retrier by itself", async () => {
    const machine = await start(
      publisher({
        Retry: [
          { ErrorEquals: ["SNS.NotFoundException"], MaxAttempts: 1, IntervalSeconds: 1 },
          retry({ MaxAttempts: 1, IntervalSeconds: 1 }),
        ],
        Catch: CATCH_ALL,
      }),
    );
    const notFound = new AwsError("NotFound", "gone", 404);
    machine.services.sns.answer(notFound, throttled(), notFound);
    await machine.begin({ message: "x" });
    await delays(machine, 3);
    await machine.until(async () => (await machine.history()).at(-1)?.type === "ExecutionSucceeded");
    expect(machine.services.sns.calls).toHaveLength(3);
  });

  it("shows expressions how often the state was retried", async () => {
    const machine = await start(
      publisher({
        Arguments: { Message: "{% $string($states.context.State.RetryCount) %}" },
        Retry: [retry({})],
      }),
    );
    machine.services.sns.answer(throttled());
    await machine.begin();
    await delays(machine, 2);
    expect(machine.services.sns.calls.map(({ input }) => input.Message)).toEqual(["0", "1"]);
  });
});

describe("Catch", () => {
  it("leads the error to the next state", async () => {
    const machine = await start(publisher({ Catch: CATCH_ALL }));
    machine.services.sns.answer(throttled());
    expect((await machine.run({ message: "x" })).output).toEqual({
      caught: { Error: "SNS.AmazonSNSException", Cause: expect.stringContaining("Rate exceeded") },
    });
  });

  it("evaluates its own output and variables with $states.errorOutput and the state's input", async () => {
    const catcher = {
      ...CATCH_ALL[0],
      Output: { error: "{% $states.errorOutput.Error %}", message: "{% $states.input.message %}" },
      Assign: { cause: "{% $states.errorOutput.Cause %}" },
    };
    const show = { Type: "Pass", Output: { input: "{% $states.input %}", cause: "{% $cause %}" }, End: true };
    const machine = await start({ ...publisher({ Catch: [catcher] }), Caught: show });
    machine.services.sns.answer(throttled());
    expect((await machine.run({ message: "x" })).output).toEqual({
      input: { error: "SNS.AmazonSNSException", message: "x" },
      cause: expect.stringContaining("Rate exceeded"),
    });
  });

  it.each([
    ["States.TaskFailed", "SUCCEEDED"],
    ["SNS.AmazonSNSException", "SUCCEEDED"],
    ["SNS.NotFoundException", "FAILED"],
    ["States.Timeout", "FAILED"],
  ])("of %s ends a throttled task as %s", async (name, status) => {
    const machine = await start(publisher({ Catch: [{ ErrorEquals: [name], Next: "Caught" }] }));
    machine.services.sns.answer(throttled());
    expect((await machine.run({ message: "x" })).status).toBe(status);
  });

  it("catches an expression that fails, the task's own output included", async () => {
    const machine = await start(publisher({ Output: "{% $states.result.none %}", Catch: CATCH_ALL }));
    expect((await machine.run({ message: "x" })).output).toMatchObject({
      caught: { Error: "States.QueryEvaluationError" },
    });
  });

  it("of States.ALL misses States.DataLimitExceeded, which its own name catches", async () => {
    const large = { MessageId: "x".repeat(262_144) };
    const first = await start(publisher({ Catch: CATCH_ALL }));
    first.services.sns.answer(large);
    expect(await first.run({ message: "x" })).toMatchObject({
      status: "FAILED",
      error: "States.DataLimitExceeded",
    });
    await first.stop();
    const second = await start(
      publisher({ Catch: [{ ErrorEquals: ["States.DataLimitExceeded"], Next: "Caught" }, ...CATCH_ALL] }),
    );
    second.services.sns.answer(large);
    expect((await second.run({ message: "x" })).status).toBe("SUCCEEDED");
  });
});

describe("a task's timeout", () => {
  it.each([
    ["seconds", 5],
    ["an expression", "{% $states.input.seconds %}"],
  ])("of %s gives the task up with States.Timeout", async (_case, seconds) => {
    const machine = await start(publisher({ TimeoutSeconds: seconds, Catch: CATCH_ALL }));
    machine.services.sns.answer("never");
    const running = machine.run({ message: "x", seconds: 5 });
    await machine.until(() => machine.services.sns.calls.length === 1);
    machine.clock.advance(5_000);
    expect((await running).output).toEqual({ caught: { Error: "States.Timeout", Cause: "" } });
  });

  it("is not reached by States.TaskFailed", async () => {
    const catcher = { ErrorEquals: ["States.TaskFailed"], Next: "Caught" };
    const machine = await start(publisher({ TimeoutSeconds: 5, Catch: [catcher] }));
    machine.services.sns.answer("never");
    const running = machine.run({ message: "x" });
    await machine.until(() => machine.services.sns.calls.length === 1);
    machine.clock.advance(5_000);
    expect(await running).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("of the machine reaches no Catch", async () => {
    const machine = await start(publisher({ Catch: CATCH_ALL }), {}, { TimeoutSeconds: 3 });
    machine.services.sns.answer("never");
    const running = machine.run({ message: "x" });
    await machine.until(() => machine.services.sns.calls.length === 1);
    machine.clock.advance(3_000);
    expect(await running).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
  });
});
