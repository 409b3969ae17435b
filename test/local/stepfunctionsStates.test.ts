import { createHash } from "node:crypto";
import { LOG_DESTINATION, MachineFixture, MACHINE_ARN, ROLE_ARN } from "./support/stateMachine";

let fixture: MachineFixture | undefined;

async function start(...args: Parameters<typeof MachineFixture.start>): Promise<MachineFixture> {
  return (fixture = await MachineFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

/** Runs one Pass state with this output. */
async function evaluate(output: unknown, input: unknown = {}) {
  return (await start({ Only: { Type: "Pass", Output: output, End: true } })).run(input);
}

describe("a Pass state", () => {
  it("hands its input on when it has no output", async () => {
    const machine = await start({ Only: { Type: "Pass", End: true } });
    expect(await machine.run({ a: [1, null] })).toMatchObject({
      status: "SUCCEEDED",
      output: { a: [1, null] },
    });
  });

  it("evaluates expressions at any depth and leaves every other value alone", async () => {
    const output = {
      deep: [{ sum: "{% $states.input.a + 1 %}" }],
      text: " {% 1 %}",
      path: "$.a",
      none: null,
    };
    expect((await evaluate(output, { a: 2 })).output).toEqual({ ...output, deep: [{ sum: 3 }] });
  });

  it("sees the variables that an earlier state assigned", async () => {
    const machine = await start({
      First: { Type: "Pass", Assign: { total: "{% $states.input.a %}", fixed: [1] }, Next: "Second" },
      Second: { Type: "Pass", Output: "{% [$total, $fixed] %}", End: true },
    });
    expect((await machine.run({ a: 7 })).output).toEqual([7, 1]);
  });

  it("evaluates its output and all its variables with the values from before it", async () => {
    const machine = await start({
      First: { Type: "Pass", Assign: { a: 1, b: 2 }, Next: "Swap" },
      Swap: { Type: "Pass", Assign: { a: "{% $b %}", b: "{% $a %}" }, Output: "{% $a %}", Next: "Show" },
      Show: {
        Type: "Pass",
        Output: { a: "{% $a %}", b: "{% $b %}", before: "{% $states.input %}" },
        End: true,
      },
    });
    expect((await machine.run()).output).toEqual({ a: 2, b: 1, before: 1 });
  });
});

describe("the Context object", () => {
  it("tells about the execution, the machine and the state", async () => {
    const { output } = await evaluate("{% $states.context %}", { a: 1 });
    expect(output).toEqual({
      Execution: {
        Id: expect.stringContaining(":express:machine:"),
        Input: { a: 1 },
        Name: expect.stringMatching(/^[0-9a-f-]{36}$/),
        RedriveCount: 0,
        RoleArn: ROLE_ARN,
        StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      State: { EnteredTime: expect.stringMatching(/Z$/), Name: "Only" },
      StateMachine: { Id: MACHINE_ARN, Name: "machine" },
    });
  });
});

describe("JSONata", () => {
  it.each([
    ["$parse('{\"a\":[1]}')", { a: [1] }],
    ["$hash('text', 'SHA-256')", createHash("sha256").update("text").digest("hex")],
    ["$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]],
    ["$range(1, 7, 2)", [1, 3, 5, 7]],
    ["$range(3, 1, -1)", [3, 2, 1]],
    ["$random(7) = $random(7)", true],
    ["$random(7) >= 0 and $random(7) < 1", true],
    ["$uuid() != $uuid()", true],
    ["$string(12.5) & 'x'", "12.5x"],
  ])("evaluates %s", async (expression, expected) => {
    expect(await evaluate(`{% ${expression} %}`)).toMatchObject({ status: "SUCCEEDED", output: expected });
  });

  it("takes the time from the clock of the run", async () => {
    const machine = await start({
      Only: { Type: "Pass", Output: "{% [$millis(), $toMillis($now())] %}", End: true },
    });
    machine.clock.advance(86_400_000);
    const [millis, now] = (await machine.run()).output as number[];
    expect(Math.abs(Number(millis) - machine.clock.now())).toBeLessThan(5000);
    expect(Math.abs(Number(now) - machine.clock.now())).toBeLessThan(5000);
  });

  it.each([
    ["a name that is not there", "$states.input.missing", "returned nothing (undefined)"],
    ["a variable that was not assigned", "$missing", "returned nothing (undefined)"],
    ["a type error", "1 + 'a'", "T2002"],
    ["a function as the result", "function($x) { $x }", "no JSON"],
    ["text that is no JSON", "$parse('{')", "threw an error"],
    ["an unknown hash", "$hash('a', 'CRC')", "SHA-256"],
    ["endless recursion", "($f := function() { 1 + $f() }; $f())", "threw an error"],
  ])("fails with States.QueryEvaluationError for %s", async (_case, expression, text) => {
    const ending = await evaluate({ member: `{% ${expression} %}` });
    expect(ending).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
    expect(ending.cause).toContain(text);
    expect(ending.cause).toContain(
      "An error occurred while executing the state 'Only' (entered at the event id #2).",
    );
    expect(ending.cause).toContain("'Output/member'");
  });
});

describe("a Choice state", () => {
  const states = {
    Choose: {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $states.input.n > 10 %}",
          Next: "Large",
          Assign: { size: "large" },
          Output: { seen: true },
        },
        { Condition: "{% $states.input.n > 5 %}", Next: "Large", Assign: { size: "medium" } },
      ],
      Default: "Other",
      Assign: { size: "small" },
    },
    Large: { Type: "Pass", Output: { size: "{% $size %}", input: "{% $states.input %}" }, End: true },
    Other: { Type: "Pass", Output: "{% $size %}", End: true },
  };

  it.each([
    [11, { size: "large", input: { seen: true } }],
    [6, { size: "medium", input: { n: 6 } }],
    [1, "small"],
  ])("follows the first condition that holds for %d", async (n, output) => {
    expect((await (await start(states)).run({ n })).output).toEqual(output);
  });

  it("fails with States.NoChoiceMatched without a default", async () => {
    const choose = { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }] };
    const machine = await start({ Choose: choose, End: { Type: "Succeed" } });
    expect(await machine.run()).toMatchObject({ status: "FAILED", error: "States.NoChoiceMatched" });
  });

  it("refuses a condition that gives no boolean", async () => {
    const choose = { Type: "Choice", Choices: [{ Condition: "{% 'yes' %}", Next: "End" }], Default: "End" };
    const machine = await start({ Choose: choose, End: { Type: "Succeed" } });
    expect(await machine.run()).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  });
});

describe("a Wait state", () => {
  it.each([
    ["seconds", { Seconds: 60 }],
    ["an expression", { Seconds: "{% $states.input.seconds %}" }],
    ["a timestamp", { Timestamp: "{% $fromMillis($millis() + 60000) %}" }],
  ])("waits for %s", async (_case, fields) => {
    const machine = await start({ Sleep: { Type: "Wait", ...fields, End: true } });
    await machine.begin({ seconds: 60 });
    const ended = async () => (await machine.history()).some(({ type }) => type === "ExecutionSucceeded");
    machine.clock.advance(59_000);
    expect(await ended()).toBe(false);
    machine.clock.advance(1_500);
    await machine.until(ended);
  });

  it("refuses seconds that are no whole number", async () => {
    const machine = await start({ Sleep: { Type: "Wait", Seconds: "{% 'x' %}", End: true } });
    expect(await machine.run()).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  });
});

describe("the ends", () => {
  it("succeeds with the output of a Succeed state", async () => {
    const machine = await start({ Done: { Type: "Succeed", Output: { a: "{% $states.input.a %}" } } });
    expect(await machine.run({ a: 1 })).toMatchObject({ status: "SUCCEEDED", output: { a: 1 } });
  });

  it("fails with the evaluated error and cause of a Fail state", async () => {
    const machine = await start({
      Bad: { Type: "Fail", Error: "{% 'E' & $states.input.n %}", Cause: "because" },
    });
    expect(await machine.run({ n: 1 })).toMatchObject({ status: "FAILED", error: "E1", cause: "because" });
  });

  it("times out at the machine's TimeoutSeconds", async () => {
    const machine = await start(
      { Sleep: { Type: "Wait", Seconds: 200, End: true } },
      {},
      { TimeoutSeconds: 10 },
    );
    await machine.begin();
    machine.clock.advance(10_000);
    await machine.until(async () => (await machine.history()).at(-1)?.type === "ExecutionTimedOut");
  });

  it("times out after five minutes whatever the machine says", async () => {
    const machine = await start(
      { Sleep: { Type: "Wait", Seconds: 400, End: true } },
      {},
      { TimeoutSeconds: 4000 },
    );
    await machine.begin();
    machine.clock.advance(299_000);
    expect((await machine.history()).at(-1)?.type).toBe("WaitStateEntered");
    machine.clock.advance(2_000);
    await machine.until(async () => (await machine.history()).at(-1)?.type === "ExecutionTimedOut");
  });

  it("ends a machine that loops without waiting, while other work goes on", async () => {
    const again = { Again: { Type: "Choice", Choices: [{ Condition: true, Next: "Again" }] } };
    const machine = await start(again, {
      loggingConfiguration: { level: "FATAL", logDestination: LOG_DESTINATION },
    });
    await machine.begin();
    machine.clock.advance(300_000);
    await machine.until(async () => (await machine.history()).at(-1)?.type === "ExecutionTimedOut");
  });
});

it("fails with States.DataLimitExceeded when an output passes 262,144 bytes", async () => {
  const ending = await evaluate("{% $join($map([1..$states.input.n], function() { 'xxxxxxxxxx' })) %}", {
    n: 26_300,
  });
  expect(ending).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
});
