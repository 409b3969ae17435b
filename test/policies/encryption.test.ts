import { encryptionPolicies } from "../../policies/encryption";
import { check, type Given } from "./support/check";

const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1";

describe("sqs-queue-customer-managed-key", () => {
  const violations = (props: Given["props"]) =>
    check(encryptionPolicies, "sqs-queue-customer-managed-key", [
      { type: "aws:sqs/queue:Queue", name: "work", props },
    ]);

  test("passes a queue with a key of the account", async () => {
    expect(await violations({ kmsMasterKeyId: KEY_ARN })).toEqual([]);
  });

  test.each([
    ["no key", {}],
    ["an empty key", { kmsMasterKeyId: "" }],
    ["SQS's own encryption", { sqsManagedSseEnabled: true }],
    ["AWS's key for SQS", { kmsMasterKeyId: "alias/aws/sqs" }],
  ])("refuses a queue with %s", async (_what, props) => {
    expect(await violations(props)).toEqual([expect.stringMatching(/^work: .*Set kmsMasterKeyId/)]);
  });
});
