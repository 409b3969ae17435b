import { join } from "node:path";
import { recordInProcess } from "../../../local/engine/inProcess";
import { recordWithLanguageHost } from "../../../local/engine/languageHost";
import type { Recorded } from "../../../local/engine/recorded";
import { UNKNOWN } from "../../../local/engine/wire";
import { byUrn } from "../../support/byUrn";

const SAMPLE = { directory: join(__dirname, "sample"), origin: "http://127.0.0.1:4000" };
const COMPONENT = "urn:pulumi:dev::sample::sample:index:WorkQueue::work";
const CHILD = "urn:pulumi:dev::sample::sample:index:WorkQueue$aws:";
const QUEUE = `${CHILD}sqs/queue:Queue::work`;
const DEAD_LETTERS = `${CHILD}sqs/queue:Queue::work-dead`;
const ROLE = `${CHILD}iam/role:Role::work-worker`;
const WORKER = `${CHILD}lambda/function:Function::work-worker`;

function find(recorded: Recorded, urn: string) {
  const resource = recorded.graph.resources.find((candidate) => candidate.urn === urn);
  if (resource === undefined) throw new Error(`${urn} was not recorded.`);
  return resource;
}

describe("a recorded program", () => {
  let dev: Recorded;
  beforeAll(async () => {
    dev = await recordInProcess({ ...SAMPLE, stack: "dev" });
  });

  test("has every resource once, those of an apply that nobody waits for too", () => {
    expect(dev.graph.resources.map(({ urn }) => urn).sort()).toEqual(
      [
        COMPONENT,
        DEAD_LETTERS,
        QUEUE,
        ROLE,
        WORKER,
        "urn:pulumi:dev::sample::aws:cloudwatch/logGroup:LogGroup::one",
        "urn:pulumi:dev::sample::aws:cloudwatch/logGroup:LogGroup::two",
        "urn:pulumi:dev::sample::aws:sns/topic:Topic::late",
        "urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev",
      ].sort(),
    );
    expect(dev.raw.map(({ urn }) => urn)).toEqual(dev.graph.resources.map(({ urn }) => urn));
  });

  test("keeps parents, dependencies and where each property came from", () => {
    expect(find(dev, WORKER)).toMatchObject({
      parent: COMPONENT,
      dependencies: [ROLE, QUEUE, DEAD_LETTERS],
      propertyDependencies: { role: [ROLE], environment: [QUEUE], handler: [] },
    });
    expect(find(dev, COMPONENT).parent).toBe("urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev");
  });

  test("comes in an order in which a resource follows what it depends on", () => {
    const urns = dev.graph.resources.map(({ urn }) => urn);
    for (const { urn, dependencies, parent } of dev.graph.resources)
      for (const earlier of [...dependencies, ...(parent === "" ? [] : [parent])])
        expect(urns.indexOf(earlier)).toBeLessThan(urns.indexOf(urn));
  });

  test("shows secrets in plain text in the graph, and tagged in the raw record", () => {
    expect(find(dev, WORKER).inputs).toMatchObject({ environment: { variables: { TOKEN: "hunter2" } } });
    const raw = dev.raw.find(({ urn }) => urn === WORKER);
    expect(raw?.inputs).toMatchObject({
      environment: {
        variables: {
          TOKEN: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hunter2" },
        },
      },
    });
  });

  test("holds the files of an archive", () => {
    expect(find(dev, WORKER).inputs).toMatchObject({
      code: { assets: { "index.js": { text: "exports.handler = () => 1;" } } },
    });
  });

  test("resolves what the provider computes wherever it is used", () => {
    const queue = find(dev, QUEUE);
    const deadLetters = find(dev, DEAD_LETTERS);
    expect(queue.outputs.name).toMatch(/^work-[0-9a-f]{7}$/);
    expect(queue.id).toBe(`${SAMPLE.origin}/123456789012/${String(queue.outputs.name)}`);
    expect(queue.inputs.redrivePolicy).toBe(
      JSON.stringify({ deadLetterTargetArn: deadLetters.outputs.arn, maxReceiveCount: 5 }),
    );
    expect(JSON.parse(String(find(dev, ROLE).inputs.assumeRolePolicy))).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
      ],
    });
  });

  test("keeps which resources are protected", () => {
    expect(dev.graph.resources.filter((resource) => resource.protect).map(({ urn }) => urn)).toEqual([
      DEAD_LETTERS,
    ]);
  });

  test("has the outputs of its components and of the stack", () => {
    const queueUrl = find(dev, QUEUE).id;
    expect(find(dev, COMPONENT).outputs).toEqual({ queueUrl, token: "hunter2" });
    expect(dev.graph.outputs).toEqual({
      accountId: "123456789012",
      queueUrl,
      workerArn: find(dev, WORKER).outputs.arn,
      token: "hunter2",
    });
  });

  test("is the same in the next run", async () => {
    expect(byUrn((await recordInProcess({ ...SAMPLE, stack: "dev" })).graph)).toEqual(byUrn(dev.graph));
  });

  test("is whole when two stacks are recorded at once", async () => {
    const [again, prod] = await Promise.all([
      recordInProcess({ ...SAMPLE, stack: "dev" }),
      recordInProcess({ ...SAMPLE, stack: "prod" }),
    ]);
    expect([again.graph.resources.length, prod.graph.resources.length]).toEqual([9, 8]);
    expect(prod.graph.outputs.workerArn).toMatch(/^arn:aws:lambda:eu-west-1:/);
  });

  test("takes values that replace those of the stack", async () => {
    const recorded = await recordInProcess({ ...SAMPLE, stack: "dev", config: { subscribers: ["only"] } });
    const groups = recorded.graph.resources.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    expect(groups.map(({ name }) => name)).toEqual(["only"]);
  });

  test("passes through the program's resource transforms", async () => {
    const recorded = await recordInProcess({ ...SAMPLE, stack: "dev", config: { sabotage: "transform" } });
    const tagged = recorded.graph.resources.filter(({ inputs }) => inputs.tags !== undefined);
    expect(tagged.map(({ name, inputs }) => [name, inputs.tags])).toEqual(
      expect.arrayContaining([["tagged", { team: "orders" }]]),
    );
    expect(tagged.every(({ type }) => type === "aws:sqs/queue:Queue")).toBe(true);
  });

  test("leaves what the provider computes unknown in a preview", async () => {
    const preview = await recordInProcess({ ...SAMPLE, stack: "dev", preview: true });
    expect(find(preview, WORKER)).toMatchObject({
      id: "",
      inputs: { role: UNKNOWN, handler: "index.handler" },
    });
    expect(find(preview, QUEUE).inputs).toEqual({ redrivePolicy: UNKNOWN });
    expect(preview.graph.outputs).toEqual({
      accountId: "123456789012",
      queueUrl: UNKNOWN,
      workerArn: UNKNOWN,
      token: "hunter2",
    });
    // The topic is registered by an apply of an unknown value, which a preview does not call.
    expect(preview.graph.resources).toHaveLength(8);
  });
});

describe("the language host", () => {
  test("records the same graph as the run in this process", async () => {
    const [host, inProcess] = await Promise.all([
      recordWithLanguageHost({ ...SAMPLE, stack: "dev" }),
      recordInProcess({ ...SAMPLE, stack: "dev" }),
    ]);
    expect(host.graph.resources).toHaveLength(9);
    expect(byUrn(host.graph)).toEqual(byUrn(inProcess.graph));
  });

  test("records the same preview as the run in this process", async () => {
    const [host, inProcess] = await Promise.all([
      recordWithLanguageHost({ ...SAMPLE, stack: "prod", preview: true }),
      recordInProcess({ ...SAMPLE, stack: "prod", preview: true }),
    ]);
    expect(byUrn(host.graph)).toEqual(byUrn(inProcess.graph));
  });
});
