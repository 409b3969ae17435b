import { resolve } from "node:path";
import { recordInThread } from "../../local/engine/recordInThread";
import type { RawResource } from "../../local/engine/recorded";
import { loadStackConfig } from "../../local/engine/stackConfig";
import { UNKNOWN } from "../../local/engine/wire";
import { findingsIn } from "../../tools/policyCheck/checkStack";
import { PolicyPack } from "../../tools/policyCheck/policyPack";
import type { GivenSettings } from "../../tools/policyCheck/settings";

const PACK = resolve(__dirname, "../policies/sample-pack");
const PROGRAM = { directory: resolve(__dirname, "../policies/sample-program"), stack: "dev" };
const WEEK_SECONDS = 604_800;

let pack: PolicyPack;
let resources: readonly RawResource[];

beforeAll(async () => {
  const stack = loadStackConfig(PROGRAM);
  const { signal } = new AbortController();
  [pack, { raw: resources }] = await Promise.all([
    PolicyPack.start({ directory: PACK, stack, typeCheck: false, signal }),
    recordInThread({ ...PROGRAM, origin: "http://127.0.0.1:4000" }),
  ]);
});

afterAll(() => pack.stop());

/** Leaves one policy of the pack. */
function only(policy: string): GivenSettings {
  return { all: { enforcementLevel: "disabled" }, [policy]: { enforcementLevel: "mandatory" } };
}

function named(name: string): RawResource {
  const found = resources.find((resource) => resource.name === name && resource.custom);
  if (found === undefined) throw new Error(`The sample program has no resource ${name}.`);
  return found;
}

/** What a policy of the sample pack says that it is shown. */
function shown(messages: readonly { readonly message: string }[]): unknown[] {
  return messages.map(({ message }) => JSON.parse(message) as unknown);
}

test("a pack tells its policies with their levels", () => {
  expect(pack.info).toMatchObject({ name: "sample-pack", version: "1.2.3" });
  expect(pack.info.policies).toContainEqual(
    expect.objectContaining({ name: "queue-key", level: "mandatory", of: "resource" }),
  );
  expect(pack.info.policies).toContainEqual(
    expect.objectContaining({ name: "topic", level: "advisory", of: "stack" }),
  );
});

test("a policy of resources is shown inputs and options, with secrets and references as plain values", async () => {
  await pack.configure(only("shown-resource"));

  const [work] = shown(await pack.analyze(named("work")));
  const [short] = shown(await pack.analyze(named("short")));

  expect(work).toMatchObject({
    type: "aws:sqs/queue:Queue",
    urn: "urn:pulumi:dev::sample-program::sample:index:Work$aws:sqs/queue:Queue::work",
    props: { messageRetentionSeconds: WEEK_SECONDS, kmsMasterKeyId: "alias/orders" },
    opts: {
      protect: true,
      customTimeouts: { createSeconds: 5_400, updateSeconds: 0, deleteSeconds: 0 },
      parent: "urn:pulumi:dev::sample-program::sample:index:Work::work",
    },
  });
  expect(short).toMatchObject({ props: { source: named("work").id } });
  expect((work as { props: object }).props).not.toHaveProperty("arn");
});

test("a policy sees the stack: its name, configuration and tags", async () => {
  await pack.configure(only("shown-resource"));

  expect(shown(await pack.analyze(named("work")))).toEqual([
    expect.objectContaining({
      stack: ["local", "sample-program", "dev"],
      region: "eu-central-1",
      tags: { environment: "development" },
    }),
  ]);
});

test("a policy of stacks is shown outputs, and what they were made of", async () => {
  await pack.configure(only("shown-stack"));

  const violations = await pack.analyzeStack(resources);

  expect(violations.map(({ urn }) => urn)).toEqual(resources.map(({ urn }) => urn));
  const [short] = shown(violations.filter(({ urn }) => urn === named("short").urn));
  const { arn } = named("work").outputs;
  expect(short).toMatchObject({
    props: { url: named("short").outputs.url, tags: { source: arn } },
    parent: "sample-program-dev",
    names: ["work"],
    sources: { tags: ["work"], source: ["work"] },
  });
});

test("a violation without a resource is the stack's", async () => {
  await pack.configure(only("topic"));

  expect(await findingsIn(pack, resources)).toEqual([
    {
      policy: "topic",
      level: "mandatory",
      urn: "urn:pulumi:dev::sample-program::pulumi:pulumi:Stack::sample-program-dev",
      type: "pulumi:pulumi:Stack",
      name: "sample-program-dev",
      description: "A stack has a topic.",
      message: "There is no topic. Add one.",
    },
  ]);
});

test("a changed resource is judged as it is then", async () => {
  await pack.configure(only("queue-key"));
  const work = named("work");
  const { kmsMasterKeyId: _, ...inputs } = work.inputs;

  expect(await pack.analyze(work)).toEqual([]);
  expect(await pack.analyze({ ...work, inputs })).toEqual([
    expect.objectContaining({ policy: "queue-key", level: "mandatory", urn: work.urn }),
  ]);
});

test.each<[string, GivenSettings, string[]]>([
  ["the pack's own setting applies", {}, ["advisory: less than 5 days"]],
  [
    "a given one goes before it",
    { "queue-retention": { days: 8, enforcementLevel: "mandatory" } },
    ["mandatory: less than 8 days", "mandatory: less than 8 days"],
  ],
])("%s", async (_what, given, expected) => {
  await pack.configure(given);

  const findings = await findingsIn(pack, resources);

  expect(
    findings
      .filter(({ policy }) => policy === "queue-retention")
      .map(({ level, message }) => `${level}: ${/less than \d+ days/.exec(message)?.[0]}`),
  ).toEqual(expected);
});

test("a policy that throws is named with the resource, without its stack", async () => {
  await pack.configure(only("broken"));

  await expect(pack.analyze(named("work"))).rejects.toThrow(
    /^The policy pack cannot answer: "work" \(aws:sqs\/queue:Queue\): [^\n]*'broken'[^\n]*this policy fails$/,
  );
});

test("a policy that reads an unknown value is an error, not a pass", async () => {
  await pack.configure(only("queue-key"));
  const work = named("work");
  const inputs = { ...work.inputs, kmsMasterKeyId: UNKNOWN };

  await expect(pack.analyze({ ...work, inputs })).rejects.toThrow(
    /^The policy queue-key could not run on .*::work: string value at \.kmsMasterKeyId can't be known/,
  );
});
