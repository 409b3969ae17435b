import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings } from "../../components/config";

/** A configuration that is right; each test breaks one value of it. */
const RIGHT: Settings = {
  throttlingRateLimit: 100,
  throttlingBurstLimit: 200,
  allowedOrigins: ["https://shop.example.com", "http://localhost:3000"],
  manageApiGatewayAccount: true,
  userPoolArn: "",
  callbackUrls: ["https://shop.example.com/signed-in", "http://localhost:3000/callback"],
  machineClient: false,
  orderConcurrency: 10,
  deliveryParallelism: 2,
  reconcileAfterMinutes: 15,
  reconcileAttempts: 10,
  reconcileOrdersPerRun: 10_000,
  warmReadUnits: 0,
  warmWriteUnits: 0,
  logRetentionDays: 7,
  historyRetentionDays: 30,
  protectData: false,
  alarmEmail: "",
  downstreamServices: {
    fulfillment: {},
    accounting: {
      queueArn: "arn:aws:sqs:eu-west-1:210987654321:orders-to-book",
      filterPolicy: { channel: ["wholesale"], country: [{ prefix: "G" }] },
    },
  },
};

/** Reads settings from a configuration as the engine hands it over: as text by full key. */
function settingsFrom(values: Readonly<Record<string, unknown>>): Settings {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  const texts = entries.map(([key, value]) => [
    `order-service:${key}`,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  pulumi.runtime.setAllConfig({ "aws:region": "eu-west-1", ...Object.fromEntries(texts) });
  return readSettings();
}

beforeAll(() =>
  pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "order-service",
    "dev",
  ),
);

test("a right configuration is read as it is", () => {
  expect(settingsFrom({ ...RIGHT })).toEqual(RIGHT);
});

test("several origins, or every origin, may be allowed", () => {
  expect(settingsFrom({ ...RIGHT, allowedOrigins: ["*"] }).allowedOrigins).toEqual(["*"]);
});

const LEAST: Partial<Settings> = {
  warmReadUnits: 12_000,
  warmWriteUnits: 4_000,
  orderConcurrency: 2,
  reconcileAfterMinutes: 8,
};
const MOST: Partial<Settings> = { warmReadUnits: 40_000, orderConcurrency: 1_000, deliveryParallelism: 10 };
test.each([LEAST, MOST])("numbers at their bounds are taken: %j", (bounds) => {
  expect(settingsFrom({ ...RIGHT, ...bounds })).toMatchObject(bounds);
});

describe("a wrong value is refused with its key and what is wrong with it:", () => {
  const retentions =
    "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653";

  test.each<[key: string, value: unknown, problem: string]>([
    ["throttlingRateLimit", 0, "throttlingRateLimit: Too small: expected number to be >=1"],
    ["throttlingRateLimit", undefined, "throttlingRateLimit: is missing"],
    ["throttlingRateLimit", "many", "throttlingRateLimit: Invalid input: expected number, received string"],
    ["throttlingBurstLimit", 1.5, "throttlingBurstLimit: Invalid input: expected int, received number"],
    ["allowedOrigins", [], "allowedOrigins: Too small: expected array to have >=1 items"],
    [
      "allowedOrigins",
      ["*", "https://shop.example.com"],
      'allowedOrigins: "*" allows every origin: list nothing beside it',
    ],
    [
      "allowedOrigins",
      ["https://shop.example.com/"],
      'allowedOrigins.0: must be "*" or an origin such as https://shop.example.com, without a path',
    ],
    [
      "allowedOrigins",
      ["https://shop.example.com'"],
      'allowedOrigins.0: must be "*" or an origin such as https://shop.example.com, without a path',
    ],
    [
      "manageApiGatewayAccount",
      "yes",
      "manageApiGatewayAccount: Invalid input: expected boolean, received string",
    ],
    ["userPoolArn", "eu-west-1_abc", "userPoolArn: must be the ARN of a Cognito user pool"],
    [
      "callbackUrls",
      ["http://shop.example.com"],
      "callbackUrls.0: must be an https URL, or http on localhost",
    ],
    ["orderConcurrency", 1, "orderConcurrency: Too small: expected number to be >=2"],
    ["orderConcurrency", 1_001, "orderConcurrency: Too big: expected number to be <=1000"],
    ["deliveryParallelism", 11, "deliveryParallelism: Too big: expected number to be <=10"],
    [
      "reconcileAfterMinutes",
      7,
      "reconcileAfterMinutes: must be at least 8: twice the longest that a delivery takes, or two would race",
    ],
    ["reconcileAttempts", 0, "reconcileAttempts: Too small: expected number to be >=1"],
    ["reconcileOrdersPerRun", 0, "reconcileOrdersPerRun: Too small: expected number to be >=1"],
    ["warmReadUnits", 11_999, "warmReadUnits: must be 0 or at least 12000"],
    ["warmWriteUnits", 3_999, "warmWriteUnits: must be 0 or at least 4000"],
    ["logRetentionDays", 8, `logRetentionDays: must be one of ${retentions}`],
    ["historyRetentionDays", 0, `historyRetentionDays: must be one of ${retentions}`],
    ["alarmEmail", "operators", "alarmEmail: must be an e-mail address"],
    ["downstreamServices", undefined, "downstreamServices: is missing"],
    ["downstreamServices", {}, "downstreamServices: needs at least one service"],
    [
      "downstreamServices",
      ["fulfillment"],
      "downstreamServices: Invalid input: expected record, received array",
    ],
    [
      "downstreamServices",
      { Fulfillment: {} },
      "downstreamServices.Fulfillment: a service's name is lower-case letters, digits and hyphens",
    ],
    [
      "downstreamServices",
      { orders: {} },
      "downstreamServices.orders: a queue of the order service has this name: choose another",
    ],
    [
      "downstreamServices",
      { fulfillment: { queueArn: "arn:aws:sqs:eu-west-1:210987654321:orders.fifo" } },
      "downstreamServices.fulfillment.queueArn: must be the ARN of a standard SQS queue",
    ],
    [
      "downstreamServices",
      { fulfillment: { queueArm: "x" } },
      "downstreamServices.fulfillment.queueArm: there is no such setting; see Pulumi.yaml for those there are",
    ],
    [
      "downstreamServices",
      { fulfillment: { filterPolicy: { colour: ["red"] } } },
      "downstreamServices.fulfillment.filterPolicy.colour: there is no such attribute; there are eventType, channel, country",
    ],
    [
      "downstreamServices",
      { fulfillment: { filterPolicy: { channel: [] } } },
      "downstreamServices.fulfillment.filterPolicy.channel: Too small: expected array to have >=1 items",
    ],
    [
      "downstreamServices",
      { fulfillment: { filterPolicy: { channel: [{ prefx: "whole" }] } } },
      "downstreamServices.fulfillment.filterPolicy.channel.0: must be a text, or one of prefix, suffix, wildcard, equals-ignore-case, exists and anything-but",
    ],
    ["orderConcurency", 10, "orderConcurency: there is no such setting; see Pulumi.yaml for those there are"],
  ])("%s: %j", (key, value, problem) => {
    expect(() => settingsFrom({ ...RIGHT, [key]: value })).toThrow(
      [
        'The configuration of stack "dev" is wrong:',
        `  order-service:${problem}`,
        "Mend Pulumi.dev.yaml, or use: pulumi config set --path KEY VALUE",
      ].join("\n"),
    );
  });
});

test("everything that is wrong is said at once, as an error of the program's user", () => {
  let refusal: unknown;
  try {
    settingsFrom({ ...RIGHT, orderConcurrency: 0, deliveryParallelism: 0 });
  } catch (error) {
    refusal = error;
  }
  expect(pulumi.RunError.isInstance(refusal)).toBe(true);
  expect(String(refusal)).toMatch(
    /order-service:orderConcurrency: .*\n {2}order-service:deliveryParallelism: /,
  );
});
