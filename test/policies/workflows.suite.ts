import { workflowPolicies } from "../../policies/workflows";
import { check, type CheckOptions, type Given } from "./support/check";

const GROUP_ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:history";
const LOGGING = { level: "ALL", includeExecutionData: true, logDestination: `${GROUP_ARN}:*` };

const machine = (props: Given["props"], madeOf: Given["madeOf"] = {}): Given => ({
  type: "aws:sfn/stateMachine:StateMachine",
  name: "deliver",
  props: { type: "EXPRESS", ...props },
  madeOf,
});

describe("states-express-logging", () => {
  const violations = (props: Given["props"]) =>
    check(workflowPolicies, "states-express-logging", [machine(props)]);

  test.each([
    ["that logs everything", { loggingConfiguration: LOGGING }],
    ["of type STANDARD, which keeps its history", { type: "STANDARD" }],
    ["of no type, which is STANDARD", { type: undefined }],
  ])("passes a machine %s", async (_what, props) => {
    expect(await violations(props)).toEqual([]);
  });

  test.each([
    ["no logging", undefined],
    ["errors alone", { ...LOGGING, level: "ERROR" }],
    ["no level", { ...LOGGING, level: undefined }],
    ["no data", { ...LOGGING, includeExecutionData: false }],
    ["nothing said of data", { ...LOGGING, includeExecutionData: undefined }],
    ["no destination", { ...LOGGING, logDestination: "" }],
  ])("refuses an EXPRESS machine with %s", async (_what, loggingConfiguration) => {
    expect(await violations({ loggingConfiguration })).toEqual([
      expect.stringMatching(/^deliver: EXPRESS state machine "deliver".*Set loggingConfiguration/),
    ]);
  });
});

describe("states-log-retention", () => {
  const violations = (...given: Given[]) => check(workflowPolicies, "states-log-retention", given);
  const group = (retentionInDays?: number): Given => ({
    type: "aws:cloudwatch/logGroup:LogGroup",
    name: "history",
    props: { arn: GROUP_ARN, retentionInDays },
  });
  const written = machine({ loggingConfiguration: LOGGING });
  const made = machine({ loggingConfiguration: { level: "ALL" } }, { loggingConfiguration: ["history"] });

  test.each([
    ["made of it", [made, group(30)]],
    ["written out", [written, group(30)]],
    ["none", [machine({}), machine({ loggingConfiguration: { level: "OFF", logDestination: "" } })]],
  ])("passes a machine with a log group %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([]);
  });

  test.each([
    ["that keeps everything", [made, group()], "keeps everything for ever"],
    ["that keeps everything, said as 0", [written, group(0)], "keeps everything for ever"],
    ["of another stack", [written], "is not in this stack"],
  ])("refuses a machine with a log group %s", async (_what, given, fault) => {
    expect(await violations(...given)).toEqual([
      expect.stringMatching(new RegExp(`^deliver: State machine "deliver".*${fault}.*retentionInDays`)),
    ]);
  });
});

const RETRY = { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3 }] };
const CATCH = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }] };

/** Where a Task can be, beside a state that is none. */
const places = (task: object) => {
  const branch = { States: { Publish: { Type: "Task", ...task }, Failed: { Type: "Fail" } } };
  return [
    ["a machine", branch],
    [
      "a branch of Parallel",
      { States: { Both: { Type: "Parallel", ...CATCH, Branches: [{ States: {} }, branch] } } },
    ],
    ["a Map", { States: { Each: { Type: "Map", ...RETRY, ItemProcessor: branch } } }],
    ["a Map in the older form", { States: { Each: { Type: "Map", Iterator: branch } } }],
    [
      "a Map in a branch",
      {
        States: {
          Both: {
            Type: "Parallel",
            Branches: [{ States: { Each: { Type: "Map", ItemProcessor: branch } } }],
          },
        },
      },
    ],
  ] as const;
};

const ofTask = (policy: string) => (task: object, options?: CheckOptions) => {
  const [[, definition]] = places(task);
  return check(workflowPolicies, policy, [machine({ definition: JSON.stringify(definition) })], options);
};

describe("states-task-retry", () => {
  const violations = ofTask("states-task-retry");

  test.each([
    ["all errors", [{ ErrorEquals: ["States.ALL"] }]],
    ["every failure", [{ ErrorEquals: ["States.TaskFailed"], MaxAttempts: 1 }]],
    [
      "all errors but one",
      [{ ErrorEquals: ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts: 0 }, ...RETRY.Retry],
    ],
  ])("passes a Task that is tried again after %s", async (_what, Retry) => {
    expect(await violations({ Retry })).toEqual([]);
  });

  test.each([
    ["no Retry", undefined],
    ["an empty Retry", []],
    ["no attempts", [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }]],
    ["no errors", [{ ErrorEquals: [], MaxAttempts: 3 }]],
    ["one error alone", [{ ErrorEquals: ["Lambda.TooManyRequestsException"], MaxAttempts: 3 }]],
    [
      "a retrier that never sees a failure",
      [{ ErrorEquals: ["States.TaskFailed"], MaxAttempts: 0 }, ...RETRY.Retry],
    ],
  ])("refuses a Task with %s", async (_what, Retry) => {
    expect(await violations({ Retry })).toEqual([
      expect.stringMatching(
        /^deliver: Task "Publish" of state machine "deliver" is not tried again.*Add a Retry/,
      ),
    ]);
  });

  test("takes the errors of the configuration for enough", async () => {
    const Retry = [{ ErrorEquals: ["Lambda.TooManyRequestsException"], MaxAttempts: 3 }];
    const errors = ["States.ALL", "Lambda.TooManyRequestsException"];
    expect(await violations({ Retry }, { config: { errors } })).toEqual([]);
  });
});

describe("states-task-catch", () => {
  const violations = ofTask("states-task-catch");

  test.each([
    ["all errors", CATCH.Catch],
    [
      "failures and the time limit",
      [
        { ErrorEquals: ["States.TaskFailed"], Next: "Failed" },
        { ErrorEquals: ["States.Timeout"], Next: "Failed" },
      ],
    ],
    ["one error and all others", [{ ErrorEquals: ["Sns.NotFound"], Next: "Failed" }, ...CATCH.Catch]],
  ])("passes a Task that catches %s", async (_what, Catch) => {
    expect(await violations({ Catch })).toEqual([]);
  });

  test.each([
    ["no Catch", undefined],
    ["an empty Catch", []],
    ["a catcher of nothing", [{ ErrorEquals: [], Next: "Failed" }]],
    ["a catcher of one error", [{ ErrorEquals: ["Sns.NotFound"], Next: "Failed" }]],
    ["a catcher that lets the time limit through", [{ ErrorEquals: ["States.TaskFailed"], Next: "Failed" }]],
    ["a catcher of the time limit alone", [{ ErrorEquals: ["States.Timeout"], Next: "Failed" }]],
    ["a catcher that goes nowhere", [{ ErrorEquals: ["States.ALL"] }]],
    ["a catcher that begins again", [{ ErrorEquals: ["States.ALL"], Next: "Publish" }]],
  ])("refuses a Task with %s", async (_what, Catch) => {
    expect(await violations({ Catch })).toEqual([
      expect.stringMatching(/^deliver: Task "Publish" of state machine "deliver" does not say.*Add a Catch/),
    ]);
  });
});

describe.each(["states-task-retry", "states-task-catch"])("%s", (policy) => {
  const violations = (definition: string) => check(workflowPolicies, policy, [machine({ definition })]);

  test.each(places({}))("looks for Tasks in %s", async (_where, definition) => {
    expect(await violations(JSON.stringify(definition))).toHaveLength(1);
  });

  test.each(places({ ...RETRY, ...CATCH }))("passes a careful Task in %s", async (_where, definition) => {
    expect(await violations(JSON.stringify(definition))).toEqual([]);
  });

  test("asks machines of type STANDARD too", async () => {
    const definition = JSON.stringify(places({})[0][1]);
    expect(await check(workflowPolicies, policy, [machine({ type: "STANDARD", definition })])).toHaveLength(
      1,
    );
  });

  test.each(["", "{", "[]"])("refuses the definition %j, which is none", async (definition) => {
    expect(await violations(definition)).toEqual([expect.stringContaining("is no JSON object")]);
  });
});
