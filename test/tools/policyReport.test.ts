import * as z from "zod";
import type { Recorded } from "../../local/engine/recorded";
import type { Finding } from "../../tools/policyCheck/checkStack";
import { requireCompleteRun } from "../../tools/policyCheck/completeness";
import { reportText } from "../../tools/policyCheck/report";

describe("a run is refused as incomplete when the program", () => {
  const topic = {
    urn: "urn:pulumi:dev::shop::aws:sns/topic:Topic::events",
    type: "aws:sns/topic:Topic",
    name: "events",
    id: "events",
    inputs: {},
    outputs: {},
    parent: "",
    dependencies: [],
    propertyDependencies: {},
    protect: false,
  };
  const complete: Recorded = {
    graph: { project: "shop", stack: "dev", resources: [topic], outputs: { topicArn: "arn:aws:sns" } },
    raw: [],
    logs: [{ severity: "warning", message: "take care", urn: "" }],
  };
  const outputs = z.object({ topicArn: z.string().min(1) });
  const refused = (changes: Partial<Recorded>) =>
    expect(() => requireCompleteRun({ ...complete, ...changes }, outputs));

  test("has logged an error, which Pulumi takes for a failure", () => {
    refused({}).not.toThrow();
    refused({ logs: [{ severity: "error", message: "no topic today", urn: "" }] }).toThrow(
      'Stack "dev" is not complete: the program logged an error: no topic today',
    );
  });

  test("has registered nothing but components", () => {
    refused({ graph: { ...complete.graph, resources: [{ ...topic, id: "" }] } }).toThrow(
      'Stack "dev" is not complete: the program registered no resources.',
    );
  });

  test("has left out an output of the contract", () => {
    refused({ graph: { ...complete.graph, outputs: { topicArn: "" } } }).toThrow(
      /^Stack "dev" is not complete: its output "topicArn" is missing or wrong/,
    );
  });
});

describe("the table", () => {
  const finding = (level: Finding["level"], name: string): Finding => ({
    policy: "one",
    level,
    urn: `urn:${name}`,
    type: "aws:sqs/queue:Queue",
    name,
    description: "One.",
    message: "Wrong.\u001b[2J Mend it.",
  });
  const text = reportText([
    {
      stack: "dev",
      pack: { name: "pack", version: "1.0.0" },
      resources: 3,
      policies: 1,
      findings: [finding("advisory", "first"), finding("mandatory", "second")],
      output: "",
    },
  ]);

  test("has the mandatory findings first, and the sums below", () => {
    expect(text.indexOf("second (aws:sqs/queue:Queue)")).toBeLessThan(text.indexOf("first (aws:sqs/"));
    expect(text).toMatch(
      /\ndev: 3 resources against 1 policies of pack 1\.0\.0: 1 mandatory and 1 advisory findings\n$/,
    );
  });

  test("lets no control character of a message through to the terminal", () => {
    expect(text).toContain("Wrong. [2J Mend it.");
  });
});
