import type { RawResource } from "../../local/engine/recorded";
import type { Violation } from "../../tools/policyCheck/analyzer";
import {
  adding,
  editing,
  removing,
  setting,
  without,
  type MutationRule,
} from "../../tools/policyMutations/mutation";
import { runMutations, type AskablePack } from "../../tools/policyMutations/run";

const QUEUE = "aws:sqs/queue:Queue";
const REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy";

function raw(type: string, name: string, inputs: RawResource["inputs"] = {}): RawResource {
  return {
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    name,
    custom: type !== "pulumi:pulumi:Stack",
    parent: "",
    provider: "",
    id: name,
    inputs,
    outputs: { arn: name, ...inputs },
    dependencies: [],
    propertyDependencies: { kmsMasterKeyId: ["urn:key"] },
    options: {
      protect: false,
      retainOnDelete: false,
      ignoreChanges: [],
      replaceOnChanges: [],
      additionalSecretOutputs: [],
      aliases: [],
      customTimeouts: { create: "", update: "", delete: "" },
    },
  };
}

const STACK = raw("pulumi:pulumi:Stack", "shop-dev");
const GRAPH = [STACK, raw(QUEUE, "work", { kmsMasterKeyId: "key" }), raw(REDRIVE, "work")];

const violation = (policy: string): Violation => ({
  policy,
  level: "mandatory",
  urn: STACK.urn,
  description: "",
  message: "",
});

/** Two policies: `has-key` of each queue, and `is-redriven`, which wants a redrive policy in the stack. */
class FakePack implements AskablePack {
  private enabled = ["has-key", "is-redriven"];
  readonly info: AskablePack["info"] = {
    name: "pack",
    version: "1.0.0",
    initialSettings: new Map(),
    policies: [
      { name: "has-key", of: "resource" },
      { name: "is-redriven", of: "stack" },
    ].map(
      ({ name, of }) =>
        ({ name, of, description: "", level: "mandatory", schemas: {}, required: [] }) as never,
    ),
  };

  configure(given: Parameters<AskablePack["configure"]>[0]): Promise<void> {
    this.enabled = Object.keys(given).filter((name) => name !== "all");
    return Promise.resolve();
  }

  analyze({ type, inputs }: RawResource): Promise<Violation[]> {
    const isBad =
      type === QUEUE && inputs["kmsMasterKeyId"] === undefined && this.enabled.includes("has-key");
    return Promise.resolve(isBad ? [violation("has-key")] : []);
  }

  analyzeStack(graph: readonly RawResource[]): Promise<Violation[]> {
    const isBad = !graph.some(({ type }) => type === REDRIVE) && this.enabled.includes("is-redriven");
    return Promise.resolve(isBad ? [violation("is-redriven")] : []);
  }
}

const run = (rules: readonly MutationRule[], graph = GRAPH) =>
  runMutations(graph, new FakePack(), rules, () => undefined);

describe("a run of mutations", () => {
  it("counts what the policy catches that claims it", async () => {
    expect(
      await run([without("has-key", QUEUE, "kmsMasterKeyId"), removing("is-redriven", REDRIVE)]),
    ).toEqual([
      { policy: "has-key", tried: 1, missed: [] },
      { policy: "is-redriven", tried: 1, missed: [] },
    ]);
  });

  it("tells what it misses, also where another policy would catch it", async () => {
    const rules = [
      setting("has-key", QUEUE, "kmsMasterKeyId", ["alias/aws/sqs"]),
      removing("has-key", REDRIVE),
    ];
    expect(await run(rules)).toEqual([
      {
        policy: "has-key",
        tried: 2,
        missed: ['work: kmsMasterKeyId = "alias/aws/sqs"', "work: RedrivePolicy removed"],
      },
      { policy: "is-redriven", tried: 0, missed: [] },
    ]);
  });

  it("says nothing about a stack that has findings as it is", async () => {
    await expect(run([], GRAPH.slice(0, 2))).rejects.toThrow(
      /has findings as it is: is-redriven .* npm run policy/,
    );
  });

  it("refuses a rule of a policy that the pack does not have", async () => {
    await expect(run([removing("has-wings", REDRIVE)])).rejects.toThrow(
      /caught by has-wings, a policy that the pack/,
    );
  });
});

describe("a mutation", () => {
  const changed = (rule: MutationRule) => {
    const [mutation] = rule(GRAPH);
    return mutation?.graph.find(({ urn }) => urn === mutation.urn);
  };

  it("changes inputs and outputs, and what the property came from", () => {
    const resource = changed(without("p", QUEUE, "kmsMasterKeyId"));
    expect([resource?.inputs, resource?.outputs, resource?.propertyDependencies]).toEqual([
      {},
      { arn: "work" },
      {},
    ]);
  });

  it("reaches into objects, and adds what is missing on the way", () => {
    expect(changed(setting("p", QUEUE, "a.b", [1]))?.inputs).toEqual({ kmsMasterKeyId: "key", a: { b: 1 } });
  });

  it("edits JSON texts, and keeps what they were made of", () => {
    const graph = [STACK, raw(QUEUE, "work", { kmsMasterKeyId: '{"a":1}' })];
    const rule = editing<{ a: number }>("p", QUEUE, "kmsMasterKeyId", ({ a }) => [
      { what: "a doubled", document: { a: 2 * a } },
    ]);
    const [mutation] = rule(graph);
    expect(mutation?.what).toBe("work: kmsMasterKeyId: a doubled");
    expect(mutation?.graph[1]).toMatchObject({
      inputs: { kmsMasterKeyId: '{"a":2}' },
      propertyDependencies: { kmsMasterKeyId: ["urn:key"] },
    });
  });

  it("leaves the graph it was made from as it is", () => {
    const before = JSON.stringify(GRAPH);
    removing("p", REDRIVE)(GRAPH);
    adding("p", QUEUE, "new", { a: undefined, b: 1 })(GRAPH);
    expect(JSON.stringify(GRAPH)).toBe(before);
    expect(changed(adding("p", QUEUE, "new", { a: undefined, b: 1 }))?.inputs).toEqual({ b: 1 });
  });
});
