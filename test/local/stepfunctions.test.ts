import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { MetricStore } from "../../local/cloudwatch/metricStore";
import { Clock } from "../../local/clock";
import { StepFunctions } from "../../local/stepfunctions";
import { allowAll } from "./support/authorizer";
import { host } from "./support/resource";
import { FakeService, MACHINE_ARN, MachineFixture, machineResource, ROLE_ARN } from "./support/stateMachine";

const PASS = { Only: { Type: "Pass", End: true } };

let fixture: MachineFixture | undefined;

async function start(...args: Parameters<typeof MachineFixture.start>): Promise<MachineFixture> {
  return (fixture = await MachineFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

/** A service without a log group, whose collaborators a test chooses. */
function stepFunctions(
  overrides: Partial<ConstructorParameters<typeof StepFunctions>[0]> = {},
): StepFunctions {
  return new StepFunctions({
    apis: { sns: new FakeService(), sqs: new FakeService(), dynamodb: new FakeService() },
    assumeRole: (roleArn, _service, _source, sessionName) => ({ type: "role", roleArn, sessionName }),
    clock: new Clock(),
    iam: allowAll,
    keys: allowAll,
    logs: { hasGroup: () => true, write: () => undefined },
    metrics: new MetricStore(new Clock()),
    onFault: () => undefined,
    region: "eu-central-1",
    ...overrides,
  });
}

function hosting(
  states: Readonly<Record<string, unknown>>,
  inputs?: Readonly<Record<string, unknown>>,
  definition?: Readonly<Record<string, unknown>>,
): Promise<void> {
  return host(stepFunctions(), machineResource(states, inputs, definition));
}

describe("starting an execution", () => {
  it("answers with the ARN of an EXPRESS execution and the time", async () => {
    const { client } = await start(PASS);
    const answer = await client.send(
      new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, name: "order-1", input: "{}" }),
    );
    expect(answer.executionArn).toMatch(
      /^arn:aws:states:eu-central-1:123456789012:express:machine:order-1:[0-9a-f-]{36}$/,
    );
    expect(Math.abs(Number(answer.startDate) - Date.now())).toBeLessThan(5000);
  });

  it("takes the same name again at once, as another execution", async () => {
    const machine = await start(PASS);
    expect(await machine.begin({}, "order-1")).not.toBe(await machine.begin({}, "order-1"));
  });

  it.each(["", "a b", "a/b", "a:b", "a*", "{a}", "a\u0007", "x".repeat(81)])(
    "refuses the name %j",
    async (name) => {
      const service = stepFunctions();
      await host(service, machineResource(PASS));
      await expect(
        service.call("StartExecution", { stateMachineArn: MACHINE_ARN, name, input: "{}" }, ADMINISTRATOR),
      ).rejects.toMatchObject({ code: "InvalidName" });
    },
  );

  it.each([
    ["is no JSON", "{"],
    ["is nested 100,000 levels deep", "[".repeat(100_000) + "]".repeat(100_000)],
  ])("refuses an input that %s", async (_what, input) => {
    const { client } = await start(PASS);
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, input })),
    ).rejects.toMatchObject({ name: "InvalidExecutionInput" });
  });

  it("takes an input of 262,144 bytes and refuses one more", async () => {
    const { client } = await start(PASS);
    const input = JSON.stringify("x".repeat(262_142));
    await client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, input }));
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, input: `${input} ` })),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("knows no machine under another ARN", async () => {
    const { client } = await start(PASS);
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn: `${MACHINE_ARN}x`, input: "{}" })),
    ).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });
  });

  it("asks for states:StartExecution on the machine", async () => {
    const authorize = jest.fn<void, [unknown, string, string]>();
    const service = stepFunctions({ iam: { authorize } });
    await host(service, machineResource(PASS, { loggingConfiguration: { level: "OFF" } }));
    await service.call("StartExecution", { stateMachineArn: MACHINE_ARN }, ADMINISTRATOR);
    expect(authorize.mock.calls).toEqual([[ADMINISTRATOR, "states:StartExecution", MACHINE_ARN]]);
  });

  it("names a member that it does not support", async () => {
    const service = stepFunctions();
    await host(service, machineResource(PASS));
    await expect(
      service.call("StartExecution", { stateMachineArn: MACHINE_ARN, colour: "red" }, ADMINISTRATOR),
    ).rejects.toThrow("colour");
  });
});

describe("asking about machines and executions", () => {
  it("describes the machine with its definition", async () => {
    const { client } = await start(PASS);
    const machine = await client.send(new DescribeStateMachineCommand({ stateMachineArn: MACHINE_ARN }));
    expect(machine).toMatchObject({ name: "machine", type: "EXPRESS", status: "ACTIVE", roleArn: ROLE_ARN });
    expect(JSON.parse(machine.definition ?? "")).toMatchObject({ States: PASS });
    expect(machine.loggingConfiguration).toMatchObject({ level: "ALL", includeExecutionData: true });
  });

  it("lists the machines", async () => {
    const { client } = await start(PASS);
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map((machine) => machine.stateMachineArn)).toEqual([MACHINE_ARN]);
  });

  it("does not list the executions of an EXPRESS machine", async () => {
    const { client } = await start(PASS);
    await expect(
      client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN })),
    ).rejects.toMatchObject({
      name: "StateMachineTypeNotSupported",
    });
  });

  it("does not describe an EXPRESS execution", async () => {
    const { client } = await start(PASS);
    const executionArn = "arn:aws:states:eu-central-1:123456789012:express:machine:a:b";
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: "InvalidArn",
    });
  });

  it("names an action that it does not support", async () => {
    await expect(stepFunctions().call("CreateActivity", {}, ADMINISTRATOR)).rejects.toMatchObject({
      code: "UnknownOperationException",
      message: expect.stringContaining("CreateActivity"),
    });
  });
});

describe("hosting a machine", () => {
  it.each([
    ["a STANDARD machine", PASS, { type: "STANDARD" }, {}, "EXPRESS"],
    ["a machine in JSONPath", PASS, {}, { QueryLanguage: "JSONPath" }, "JSONPath"],
    ["a machine that names no query language", PASS, {}, { QueryLanguage: undefined }, "JSONPath"],
    ["a Map state", { Each: { Type: "Map" } }, {}, {}, "the state Each is of type Map"],
    ["a Parallel state", { Both: { Type: "Parallel" } }, {}, {}, "type Parallel"],
    ["an unknown field", { A: { Type: "Pass", End: true, Result: 1 } }, {}, {}, "Result"],
    ["an unknown property", PASS, { colour: "red" }, {}, "colour"],
    ["a way to nowhere", { A: { Type: "Pass", Next: "B" } }, {}, {}, "the state B"],
    ["a state without an end", { A: { Type: "Pass" } }, {}, {}, "Next or End"],
    ["$eval", pass("{% $eval('1') %}"), {}, {}, "$eval"],
    ["an unqualified name", pass("{% name %}"), {}, {}, "uses name"],
    ["a top-level $", pass("{% $ %}"), {}, {}, "uses $"],
    ["what is no JSONata", pass("{% 1 + %}"), {}, {}, "Output"],
    [
      "States.ALL beside another error",
      task({ Retry: [{ ErrorEquals: ["A", "States.ALL"] }] }),
      {},
      {},
      "States.ALL",
    ],
    ["an unknown resource", task({ Resource: "arn:aws:states:::lambda:invoke" }), {}, {}, "lambda:invoke"],
    ["an unknown argument", task({ Arguments: { Topic: "x" } }), {}, {}, "Topic"],
    [
      "a log destination without its star",
      PASS,
      logging("arn:aws:logs:eu-central-1:1:log-group:x"),
      {},
      ":*",
    ],
  ])("refuses %s by name", async (_case, states, inputs, definition, text) => {
    await expect(hosting(states, inputs, definition)).rejects.toThrow(text);
  });

  it("allows names inside a path, a predicate, a group and a lambda's data", async () => {
    const expression = "{% $map($states.input.items[price > 1], function($i) { $i.name }) %}";
    await expect(hosting(pass(expression))).resolves.toBeUndefined();
  });

  it("refuses a role that may not deliver logs, with what it lacks", async () => {
    const authorize = (_caller: unknown, action: string) => {
      if (action === "logs:CreateLogDelivery") throw new AwsError("AccessDeniedException", "no", 403);
    };
    const service = stepFunctions({ iam: { authorize } });
    await host(service, machineResource(PASS));
    expect(() => service.start()).toThrow(
      /not authorized to access the Log Destination.*logs:CreateLogDelivery/,
    );
  });

  it("refuses a log group that does not exist", async () => {
    const service = stepFunctions({ logs: { hasGroup: () => false, write: () => undefined } });
    await host(service, machineResource(PASS));
    expect(() => service.start()).toThrow("does not exist");
  });

  it("assumes the role as Step Functions, for the machine", async () => {
    const assumeRole = jest.fn(() => ADMINISTRATOR);
    const service = stepFunctions({ assumeRole });
    await host(service, machineResource(PASS));
    service.start();
    await service.call("StartSyncExecution", { stateMachineArn: MACHINE_ARN }, ADMINISTRATOR);
    expect(assumeRole.mock.calls).toEqual([[ROLE_ARN, "states.amazonaws.com", MACHINE_ARN, "machine"]]);
  });
});

it("abandons what still runs when it stops", async () => {
  const machine = await start({ Sleep: { Type: "Wait", Seconds: 200, End: true } });
  await machine.begin();
  await machine.stepFunctions.stop();
  const types = (await machine.history()).map(({ type }) => type);
  expect(types).toEqual(["ExecutionStarted", "WaitStateEntered"]);
});

function pass(output: string): Readonly<Record<string, unknown>> {
  return { Only: { Type: "Pass", Output: output, End: true } };
}

function task(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { Publish: { Type: "Task", Resource: "arn:aws:states:::sns:publish", End: true, ...fields } };
}

function logging(logDestination: string): Readonly<Record<string, unknown>> {
  return { loggingConfiguration: { level: "ALL", logDestination } };
}
