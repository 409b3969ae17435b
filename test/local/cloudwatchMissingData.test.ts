import { evaluate, evaluationRange } from "../../local/cloudwatch/alarmEvaluation";
import { readAlarm, type AlarmState } from "../../local/cloudwatch/alarmSettings";
import { alarm } from "./support/cloudWatch";

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;
const CURRENT = "the state it was in" as AlarmState;
const ALWAYS = (state: AlarmState) => [state, state, state, state];

/** The tables of the CloudWatch User Guide: X breaches, 0 does not, - is missing; the newest is on the right. */
describe("with 3 datapoints of 3", () => {
  it.each<[string, AlarmState[]]>([
    ["0 - X - X", ALWAYS("OK")],
    ["- - - - 0", ALWAYS("OK")],
    ["- - - - -", ["INSUFFICIENT_DATA", CURRENT, "ALARM", "OK"]],
    ["0 X X - X", ALWAYS("ALARM")],
    ["- - X - -", ["ALARM", CURRENT, "ALARM", "OK"]],
  ])("%s gives, by treatment of missing data, %j", (points, expected) => {
    expect(TREATMENTS.map((treatment) => states(points, 3, treatment))).toEqual(expected);
  });
});

describe("with 2 datapoints of 3", () => {
  it.each<[string, AlarmState[]]>([
    ["0 - X - X", ALWAYS("ALARM")],
    ["0 0 X 0 X", ALWAYS("ALARM")],
    ["0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    ["- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    ["- - - X -", ["ALARM", CURRENT, "ALARM", "OK"]],
  ])("%s gives, by treatment of missing data, %j", (points, expected) => {
    expect(TREATMENTS.map((treatment) => states(points, 2, treatment))).toEqual(expected);
  });
});

it("metrics of DynamoDB keep their alarms as they are while values are missing", () => {
  const settings = readAlarm(alarm("table", { namespace: "AWS/DynamoDB", treatMissingData: "breaching" }));
  expect(settings.treatMissingData).toBe("ignore");
});

it.each([
  ["GreaterThanThreshold", ["OK", "OK", "ALARM"]],
  ["GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]],
  ["LessThanThreshold", ["ALARM", "OK", "OK"]],
  ["LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]],
])("%s compares 4, 5 and 6 with 5", (comparisonOperator, expected) => {
  const settings = readAlarm(alarm("compared", { comparisonOperator, threshold: 5 }));
  expect([4, 5, 6].map((value) => evaluate(settings, [value], "OK"))).toEqual(expected);
});

function states(points: string, datapointsToAlarm: number, treatMissingData: string): AlarmState {
  const settings = readAlarm(alarm("any", { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }));
  const values = { X: 1, "0": 0, "-": undefined };
  const newestFirst = points
    .split(" ")
    .map((point) => values[point as keyof typeof values])
    .reverse();
  expect(newestFirst).toHaveLength(evaluationRange(settings));
  return evaluate(settings, newestFirst, CURRENT);
}
