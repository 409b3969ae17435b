import { resolve } from "node:path";
import * as z from "zod";
import { policyCommandFor } from "../../tools/policyCommand";
import { PackFolder } from "./packFolder";
import { runTool, type ToolResult } from "./runTool";

const SAMPLE = resolve(__dirname, "../policies/sample-program");
const BROKEN = resolve(__dirname, "../policies/broken-program");

/** One policy of each kind; the first is mandatory. */
const INDEX = `
  const { PolicyPack } = require("@pulumi/policy");
  const isQueue = ({ type }) => type === "aws:sqs/queue:Queue";
  const queueKey = {
    name: "queue-key",
    description: "A queue has a key.",
    enforcementLevel: "mandatory",
    validateResource: (resource, report) => {
      if (isQueue(resource) && !resource.props.kmsMasterKeyId) report("It has no key. Set kmsMasterKeyId.");
    },
  };
  const topic = {
    name: "topic",
    description: "A stack has a topic.",
    validateStack: ({ resources }, report) => {
      console.log("looking for a topic");
      if (!resources.some(({ type }) => type === "aws:sns/topic:Topic")) report("There is no topic. Add one.");
    },
  };
  new PolicyPack("written-pack", { policies: [queueKey, topic] });
`;

const folders: PackFolder[] = [];
afterAll(() => Promise.all(folders.map((folder) => folder.remove())));

async function packOf(index: Readonly<Record<string, string>>): Promise<string> {
  const folder = await PackFolder.write(index);
  folders.push(folder);
  return folder.path;
}

let pack: string;
beforeAll(async () => {
  pack = await packOf({ "index.js": INDEX });
});

/** Checks the stacks of a program, whose outputs are to be what both sample programs have. */
function check(projectRoot: string, argv: readonly string[], policyPack = pack): Promise<ToolResult> {
  const outputs = projectRoot === BROKEN ? { first: z.string(), second: z.string() } : { queueUrl: z.url() };
  return runTool(policyCommandFor(z.object(outputs)), ["--policy-pack", policyPack, ...argv], {
    projectRoot,
  });
}

/** One line on stderr and nothing else: the check did not take place. */
function refusal(message: string | RegExp) {
  const line = typeof message === "string" ? `error: ${message}\n` : expect.stringMatching(message);
  return { exitCode: 2, stdout: "", stderr: line as string };
}

test("every stack is checked unless told otherwise; a mandatory finding is exit code 1, in JSON too", async () => {
  const { exitCode, stdout, stderr } = await check(SAMPLE, ["--json"]);

  const { stacks } = JSON.parse(stdout) as { stacks: unknown[] };
  const common = { pack: { name: "written-pack", version: "1.0.0" }, resources: 4, policies: 2 };
  const topic = expect.objectContaining({ policy: "topic", level: "advisory", type: "pulumi:pulumi:Stack" });
  const key = (name: string) =>
    expect.objectContaining({
      policy: "queue-key",
      level: "mandatory",
      name,
      type: "aws:sqs/queue:Queue",
      message: "It has no key. Set kmsMasterKeyId.",
    });
  expect(stacks).toEqual([
    { ...common, stack: "dev", mandatory: 0, advisory: 1, findings: [topic] },
    { ...common, stack: "prod", mandatory: 2, advisory: 1, findings: [key("work"), key("short"), topic] },
  ]);
  expect([exitCode, stderr]).toEqual([1, "looking for a topic\nlooking for a topic\n"]);
});

test("one stack is checked when it is asked for; advisory findings are exit code 0", async () => {
  const { exitCode, stdout } = await check(SAMPLE, ["--stack", "dev", "--stack", "dev"]);

  expect(stdout).toMatch(
    /│ dev +│ advisory │ topic +│ sample-program-dev \(pulumi:pulumi:Stack\) │ There is no/,
  );
  expect(stdout).toMatch(
    /\ndev: 4 resources against 2 policies of written-pack 1\.0\.0: 0 mandatory and 1 advisory findings\n$/,
  );
  expect(exitCode).toBe(0);
});

describe("exit code 2 and one line, never a pass:", () => {
  test.each([
    ["throws", "this program throws"],
    ["exits", "The program ended its process with 1, before it was done."],
    [
      "swallows",
      'Stack "swallows" is not complete: its output "second" is missing or wrong (Invalid input: expected string, ' +
        "received undefined). Mend the program or the contract.",
    ],
  ])("a program that %s before it has registered everything", async (stack, message) => {
    expect(await check(BROKEN, ["--stack", stack])).toEqual(refusal(message));
  });

  test("a pack that does not compile", async () => {
    const broken = await packOf({ "index.ts": 'const days: number = "four";\nconst name: string = 4;\n' });
    expect(await check(SAMPLE, ["--stack", "dev"], broken)).toEqual(
      refusal(
        `The policy pack in ${broken} fails: index.ts(1,7): error TS2322: Type 'string' is not assignable to type ` +
          "'number'. (and 1 more). Correct it.",
      ),
    );
  });

  test("one broken stack of several", async () => {
    expect(await check(BROKEN, [])).toEqual(
      refusal(
        "Pulumi.unreadable.yaml is not understood: config: Invalid input: expected record, received array. " +
          "Correct the file.",
      ),
    );
  });

  test.each<[string, string[], string | RegExp]>([
    [
      "an unknown stack",
      ["--stack", "staging"],
      `There is no stack "staging" in ${SAMPLE}: choose one of dev, prod.`,
    ],
    ["an unknown option", ["--nonsense"], "unknown option '--nonsense'"],
    [
      "a folder without a pack",
      ["--policy-pack", SAMPLE],
      `There is no policy pack in ${SAMPLE}: it has no PulumiPolicy.yaml.`,
    ],
    [
      "a policy configuration that is not there",
      ["--policy-pack-config", "/nowhere.json"],
      "The policy configuration /nowhere.json cannot be read. Correct the path.",
    ],
    ["a project without stacks", [], `There is no stack in ${__dirname}: add a Pulumi.NAME.yaml.`],
  ])("%s", async (what, argv, message) => {
    const projectRoot = what === "a project without stacks" ? __dirname : SAMPLE;
    expect(await check(projectRoot, argv)).toEqual(refusal(message));
  });
});
