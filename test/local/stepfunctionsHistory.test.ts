import { AwsError } from "../../local/aws/error";
import { ADMINISTRATOR } from "../../local/aws/caller";
import {
  LOG_DESTINATION,
  LOG_GROUP,
  MachineFixture,
  ROLE_ARN,
  type HistoryEvent,
} from "./support/stateMachine";

const PUBLISH = {
  Type: "Task",
  Resource: "arn:aws:states:::sns:publish",
  TimeoutSeconds: 5,
  Arguments: { Message: "{% $states.input.message %}" },
  Output: { id: "{% $states.result.MessageId %}" },
  End: true,
};

let fixture: MachineFixture | undefined;

async function start(...args: Parameters<typeof MachineFixture.start>): Promise<MachineFixture> {
  return (fixture = await MachineFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

function logging(level: string, includeExecutionData: boolean): Readonly<Record<string, unknown>> {
  return { loggingConfiguration: { level, includeExecutionData, logDestination: LOG_DESTINATION } };
}

function types(events: readonly HistoryEvent[]): string[] {
  return events.map(({ type }) => type);
}

it("logs every event of an execution in order, as Step Functions writes them", async () => {
  const machine = await start({
    Init: { Type: "Pass", Assign: { a: [1] }, Next: "Publish" },
    Publish: PUBLISH,
  });
  machine.services.sns.answer({ MessageId: "m-1" });
  await machine.run({ message: 'say "hi"' });
  const events = await machine.history();
  const data = { inputDetails: { truncated: false }, input: '{"message":"say \\"hi\\""}' };
  const resource = { resource: "publish", resourceType: "sns" };
  const output = { output: '{"id":"m-1"}', outputDetails: { truncated: false } };
  expect(events.map(({ type, details }) => ({ type, details }))).toEqual([
    { type: "ExecutionStarted", details: { ...data, roleArn: ROLE_ARN } },
    { type: "PassStateEntered", details: { ...data, name: "Init" } },
    {
      type: "PassStateExited",
      details: {
        name: "Init",
        output: data.input,
        outputDetails: { truncated: false },
        assignedVariables: { a: "[1]" },
        assignedVariablesDetails: { truncated: false },
      },
    },
    { type: "TaskStateEntered", details: { ...data, name: "Publish" } },
    {
      type: "TaskScheduled",
      details: {
        parameters: '{"Message":"say \\"hi\\""}',
        region: "eu-central-1",
        timeoutInSeconds: 5,
        ...resource,
      },
    },
    { type: "TaskStarted", details: resource },
    {
      type: "TaskSucceeded",
      details: { output: expect.stringContaining("m-1"), outputDetails: { truncated: false }, ...resource },
    },
    { type: "TaskStateExited", details: { name: "Publish", ...output } },
    { type: "ExecutionSucceeded", details: output },
  ]);
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(events.map((event) => event.previous_event_id)).toEqual([
    "0",
    "0",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
  ]);
  const [first] = events;
  for (const event of events) {
    expect(event).toMatchObject({ execution_arn: first?.execution_arn, redrive_count: "0" });
    expect(event.event_timestamp).toMatch(/^\d{13}$/);
  }
});

it("logs a failed attempt, the next one, and the error that ends the execution", async () => {
  const machine = await start({
    Publish: { ...PUBLISH, Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }] },
  });
  machine.services.sns.answer(new AwsError("NotFound", "gone", 404), new AwsError("NotFound", "gone", 404));
  const running = machine.run({ message: "x" });
  await machine.until(() => {
    machine.clock.advance(500);
    return machine.services.sns.calls.length === 2;
  });
  await running;
  const events = await machine.history();
  expect(types(events)).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskFailed",
    "TaskScheduled",
    "TaskStarted",
    "TaskFailed",
    "ExecutionFailed",
  ]);
  const cause = expect.stringContaining("gone (Service: AmazonSNS; Status Code: 404");
  expect(events[4]?.details).toEqual({
    error: "SNS.NotFoundException",
    cause,
    resource: "publish",
    resourceType: "sns",
  });
  expect(events.at(-1)?.details).toEqual({ error: "SNS.NotFoundException", cause });
});

it("logs a task that timed out", async () => {
  const machine = await start({ Publish: PUBLISH });
  machine.services.sns.answer("never");
  const running = machine.run({ message: "x" });
  await machine.until(() => machine.services.sns.calls.length === 1);
  machine.clock.advance(5_000);
  await running;
  const events = await machine.history();
  expect(types(events).slice(-2)).toEqual(["TaskTimedOut", "ExecutionFailed"]);
  expect(events.at(-2)?.details).toEqual({
    error: "States.Timeout",
    resource: "publish",
    resourceType: "sns",
  });
});

it("logs an expression that failed with its place", async () => {
  const machine = await start({ Publish: PUBLISH });
  await machine.run({});
  const failed = (await machine.history()).find(({ type }) => type === "EvaluationFailed");
  expect(failed?.details).toMatchObject({
    error: "States.QueryEvaluationError",
    location: "Arguments/Message",
    state: "Publish",
  });
});

it("logs a Fail state with its error", async () => {
  const machine = await start({ Bad: { Type: "Fail", Error: "E", Cause: "because" } });
  await machine.run();
  const events = await machine.history();
  expect(types(events)).toEqual(["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
  expect(events.at(-1)?.details).toEqual({ error: "E", cause: "because" });
});

it("leaves execution data out unless it is configured", async () => {
  const machine = await start({ Publish: PUBLISH }, logging("ALL", false));
  machine.services.sns.answer({ MessageId: "m-1" });
  await machine.run({ message: "secret" });
  const events = await machine.history();
  expect(events).toHaveLength(7);
  expect(JSON.stringify(events)).not.toContain("secret");
  expect(events[1]?.details).toEqual({ name: "Publish" });
  expect(events.at(-1)?.details).toEqual({});
});

it.each([
  ["ERROR", ["TaskFailed", "FailStateEntered", "ExecutionFailed"]],
  ["FATAL", ["ExecutionFailed"]],
  ["OFF", []],
])("logs at level %s no more than %j", async (level, expected) => {
  const states = {
    Publish: { ...PUBLISH, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Bad" }] },
    Bad: { Type: "Fail", Error: "E" },
  };
  const machine = await start(states, logging(level, true));
  machine.services.sns.answer(new AwsError("NotFound", "gone", 404));
  await machine.run({ message: "x" });
  expect(types(await machine.history())).toEqual(expected);
});

it("cuts a payload whose escaped text passes 248 KB, and says so", async () => {
  const machine = await start({ Only: { Type: "Pass", Output: "done", End: true } });
  await machine.run({ text: '"'.repeat(100_000) });
  const [started, , exited] = await machine.history();
  expect(started?.details.inputDetails).toEqual({ truncated: true });
  const input = String(started?.details.input);
  const bytes = Buffer.byteLength(JSON.stringify(input));
  expect(bytes).toBeLessThanOrEqual(253_952);
  expect(bytes).toBeGreaterThan(253_940);
  expect(exited?.details.outputDetails).toEqual({ truncated: false });
});

it("shows the events of an execution that still runs within a second", async () => {
  const machine = await start({ Sleep: { Type: "Wait", Seconds: 60, End: true } });
  await machine.begin();
  machine.clock.advance(1_000);
  await machine.until(async () => (await machine.history()).length === 2);
});

it("goes on when its log group cannot be written", async () => {
  const machine = await start({ Only: { Type: "Pass", End: true } });
  jest.spyOn(machine.logs, "write").mockImplementation(() => {
    throw new AwsError("ResourceNotFoundException", "gone");
  });
  expect((await machine.run()).status).toBe("SUCCEEDED");
  expect(machine.faults).toEqual([expect.objectContaining({ code: "ResourceNotFoundException" })]);
});

it("writes to a stream that is named after the machine and the minute", async () => {
  const machine = await start({ Only: { Type: "Pass", End: true } });
  await machine.run();
  const { logStreams } = await machine.logs.call(
    "DescribeLogStreams",
    { logGroupName: LOG_GROUP },
    ADMINISTRATOR,
  );
  expect(logStreams).toMatchObject([
    { logStreamName: expect.stringMatching(/^states\/machine\/\d{4}-\d\d-\d\d-\d\d-\d\d\/[0-9a-f]{8}$/) },
  ]);
});
