import { functionPolicies } from "../../policies/functions";
import { check, type CheckOptions, type Given } from "./support/check";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:worker-1";
const handler = (props: Given["props"] = {}, madeOf: Given["madeOf"] = {}): Given => ({
  type: "aws:lambda/function:Function",
  name: "worker",
  props: { name: "worker-1", arn: ARN, ...props },
  madeOf,
});

describe("lambda-supported-runtime", () => {
  const violations = (props: Given["props"], options?: CheckOptions) =>
    check(functionPolicies, "lambda-supported-runtime", [handler(props)], options);

  test.each([{ runtime: "nodejs24.x" }, { runtime: "provided.al2023" }, { packageType: "Image" }])(
    "passes %j",
    async (props) => {
      expect(await violations(props)).toEqual([]);
    },
  );

  test.each([
    [{ runtime: "nodejs16.x" }, "runs on nodejs16.x"],
    [{ runtime: "nodejs" }, "runs on nodejs"],
    [{ runtime: "" }, "names no runtime"],
    [{ packageType: "Zip" }, "names no runtime"],
  ])("refuses %j", async (props, fault) => {
    expect(await violations(props)).toEqual([
      expect.stringMatching(
        new RegExp(`^worker: Function "worker" ${fault}.*Set runtime to one of nodejs22.x`),
      ),
    ]);
  });

  test("takes the runtimes of the configuration, and no others", async () => {
    const options = { config: { runtimes: ["python3.14"] } };
    expect(await violations({ runtime: "python3.14" }, options)).toEqual([]);
    expect(await violations({ runtime: "nodejs24.x" }, options)).toHaveLength(1);
  });
});

describe("lambda-bounded-concurrency", () => {
  const violations = (...given: Given[]) => check(functionPolicies, "lambda-bounded-concurrency", given);
  const mapping = (props: Given["props"]): Given => ({
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    name: "feed",
    props,
    madeOf: { functionName: ["worker"] },
  });
  const bounded = mapping({ scalingConfig: { maximumConcurrency: 10 } });
  const stream = mapping({ startingPosition: "LATEST", parallelizationFactor: 10 });

  test.each([
    ["reserved concurrency", [handler({ reservedConcurrentExecutions: 10 })]],
    ["no concurrency at all", [handler({ reservedConcurrentExecutions: 0 })]],
    ["a queue that calls it so often at once", [handler(), bounded]],
    [
      "a queue with so many pollers",
      [handler(), mapping({ provisionedPollerConfig: { maximumPollers: 5 } })],
    ],
    ["the shards of a stream", [handler(), stream]],
    ["a stream and a queue", [handler(), stream, bounded]],
  ])("passes a function bounded by %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([]);
  });

  test.each([
    ["nothing to call it", [handler()]],
    ["what the provider shows for nothing reserved", [handler({ reservedConcurrentExecutions: -1 })]],
    ["a queue without a bound", [handler(), mapping({})]],
    ["a bound of 0, which is none", [handler(), mapping({ scalingConfig: { maximumConcurrency: 0 } })]],
    ["a second queue without a bound", [handler(), bounded, mapping({})]],
    ["the queue of another function", [handler(), { ...bounded, madeOf: {} }]],
  ])("refuses a function with %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([
      expect.stringMatching(/^worker: Function "worker".*Set reservedConcurrentExecutions/),
    ]);
  });

  test.each([
    ["a permission", "aws:lambda/permission:Permission", { function: "worker-1" }],
    ["a URL", "aws:lambda/functionUrl:FunctionUrl", { functionName: ARN }],
    [
      "a method of an API",
      "aws:apigateway/integration:Integration",
      { uri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${ARN}/invocations` },
    ],
    ["a state machine", "aws:sfn/stateMachine:StateMachine", { definition: `{"Resource":"${ARN}"}` }],
    ["a schedule", "aws:scheduler/schedule:Schedule", { target: { arn: ARN } }],
  ])("refuses a bounded queue beside %s that calls it too", async (_what, type, props) => {
    const invoker: Given = { type, name: "other", props };
    expect(await violations(handler(), bounded, invoker)).toEqual([
      expect.stringContaining('("other" calls it without a bound)'),
    ]);
  });

  test("passes what calls another function", async () => {
    const other: Given = {
      type: "aws:lambda/permission:Permission",
      name: "p",
      props: { function: "worker-10" },
    };
    expect(await violations(handler(), bounded, other)).toEqual([]);
  });
});

describe("lambda-own-log-group", () => {
  const violations = (...given: Given[]) => check(functionPolicies, "lambda-own-log-group", given);
  const group = (name: string): Given => ({
    type: "aws:cloudwatch/logGroup:LogGroup",
    name: "logs",
    props: { name },
  });
  const logging = (logGroup: string) => handler({ loggingConfig: { logGroup } });

  test.each([
    ["made for it", [handler({}, { loggingConfig: ["logs"] }), group("anything")]],
    ["named", [logging("work"), group("work")]],
    ["of the name that Lambda uses", [handler(), group("/aws/lambda/worker-1")]],
  ])("passes a function with a log group %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([]);
  });

  test.each([
    ["none", [handler(), group("work")]],
    ["no name of one", [handler({ loggingConfig: { logFormat: "JSON" } }), group("work")]],
    ["an empty name", [logging(""), group("work")]],
    ["one of another stack", [logging("elsewhere"), group("work")]],
  ])("refuses a function with %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([
      expect.stringMatching(
        /^worker: Function "worker" logs to a group that is not in this stack.*Set loggingConfig/,
      ),
    ]);
  });

  test("refuses each of two functions that share one", async () => {
    const other = { ...logging("work"), name: "other" };
    expect(await violations(logging("work"), other, group("work"))).toEqual([
      expect.stringMatching(/^worker: .*shares the log group "logs" with "other"/),
      expect.stringMatching(/^other: .*shares the log group "logs" with "worker"/),
    ]);
  });

  test.each([
    ["a state machine", "aws:sfn/stateMachine:StateMachine", "loggingConfiguration"],
    ["a stage of an API", "aws:apigateway/stage:Stage", "accessLogSettings"],
  ])("refuses a function that logs where %s does", async (_what, type, property) => {
    const other: Given = { type, name: "other", props: {}, madeOf: { [property]: ["logs"] } };
    expect(await violations(logging("work"), group("work"), other)).toEqual([
      expect.stringMatching(/^worker: .*shares the log group "logs" with "other"/),
    ]);
  });
});
