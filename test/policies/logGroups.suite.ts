import { logGroupPolicies } from "../../policies/logGroups";
import { check, type Given } from "./support/check";

describe("logs-group-retention", () => {
  const violations = (props: Given["props"]) =>
    check(logGroupPolicies, "logs-group-retention", [
      { type: "aws:cloudwatch/logGroup:LogGroup", name: "logs", props },
    ]);

  test.each([{ retentionInDays: 30 }, { logGroupClass: "DELIVERY" }])("passes %j", async (props) => {
    expect(await violations(props)).toEqual([]);
  });

  test.each([{}, { retentionInDays: 0 }, { logGroupClass: "INFREQUENT_ACCESS" }])(
    "refuses %j",
    async (props) => {
      expect(await violations(props)).toEqual([
        expect.stringMatching(/^logs: Log group "logs" keeps everything for ever.*Set retentionInDays/),
      ]);
    },
  );
});
