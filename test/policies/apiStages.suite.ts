import { apiStagePolicies } from "../../policies/apiStages";
import { check, type Given } from "./support/check";

const STAGE: Given = {
  type: "aws:apigateway/stage:Stage",
  name: "live",
  props: {
    restApi: "api",
    stageName: "v1",
    accessLogSettings: {
      destinationArn: "arn:aws:logs:eu-west-1:123456789012:log-group:live",
      format: "$context.status",
    },
    xrayTracingEnabled: true,
  },
};
const violationsOf = (policy: string, props: Given["props"]) =>
  check(apiStagePolicies, policy, [{ ...STAGE, props: { ...STAGE.props, ...props } }]);

describe("apigateway-stage-access-logs", () => {
  const violations = (props: Given["props"]) => violationsOf("apigateway-stage-access-logs", props);

  test("passes a stage with an access log", async () => {
    expect(await violations({})).toEqual([]);
  });

  test.each([
    ["no access log", undefined],
    ["no format", { destinationArn: "arn" }],
    ["an empty format", { destinationArn: "arn", format: "" }],
    ["no destination", { destinationArn: "", format: "$context.status" }],
  ])("refuses a stage with %s", async (_what, accessLogSettings) => {
    expect(await violations({ accessLogSettings })).toEqual([
      expect.stringMatching(/^live: .*Set accessLogSettings/),
    ]);
  });
});

describe("apigateway-stage-tracing", () => {
  const violations = (props: Given["props"]) => violationsOf("apigateway-stage-tracing", props);

  test("passes a stage that traces", async () => {
    expect(await violations({})).toEqual([]);
  });

  test.each([[undefined], [false]])(
    "refuses a stage with xrayTracingEnabled: %s",
    async (xrayTracingEnabled) => {
      expect(await violations({ xrayTracingEnabled })).toEqual([
        expect.stringMatching(/^live: .*Set xrayTracingEnabled/),
      ]);
    },
  );
});

describe("apigateway-stage-throttling", () => {
  const violations = (...settings: Given[]) =>
    check(apiStagePolicies, "apigateway-stage-throttling", [STAGE, ...settings]);
  const LIMITS = { throttlingRateLimit: 100, throttlingBurstLimit: 50 };
  const settings = (props: Given["props"], madeOf: Given["madeOf"] = {}): Given => ({
    type: "aws:apigateway/methodSettings:MethodSettings",
    name: "limits",
    props: { restApi: "api", stageName: "v1", methodPath: "*/*", settings: LIMITS, ...props },
    madeOf,
  });

  test("passes a stage whose methods all have limits", async () => {
    expect(await violations(settings({}))).toEqual([]);
  });

  test("knows its settings by what they were made of", async () => {
    expect(await violations(settings({ stageName: undefined }, { stageName: ["live"] }))).toEqual([]);
  });

  test("passes a method with limits of its own beside them", async () => {
    expect(await violations(settings({}), settings({ methodPath: "orders/GET" }))).toEqual([]);
  });

  test.each([
    ["no settings", []],
    ["the settings of another stage", [settings({ stageName: "v2" })]],
    ["the settings of another API", [settings({ restApi: "other" })]],
    ["limits for one method alone", [settings({ methodPath: "orders/POST" })]],
    ["no rate", [settings({ settings: { throttlingBurstLimit: 50 } })]],
    ["no burst", [settings({ settings: { throttlingRateLimit: 100 } })]],
    ["a rate without limit", [settings({ settings: { ...LIMITS, throttlingRateLimit: -1 } })]],
    ["a burst of nothing", [settings({ settings: { ...LIMITS, throttlingBurstLimit: 0 } })]],
    ["a method that is let off", [settings({}), settings({ methodPath: "orders/POST", settings: {} })]],
  ])("refuses a stage with %s", async (_what, given) => {
    expect(await violations(...given)).toEqual([
      expect.stringMatching(
        /^live: Stage "live" takes as many requests.*Add an aws.apigateway.MethodSettings/,
      ),
    ]);
  });
});
