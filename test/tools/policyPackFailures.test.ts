import { resolve } from "node:path";
import type { RawResource } from "../../local/engine/recorded";
import { loadStackConfig } from "../../local/engine/stackConfig";
import { PolicyPack } from "../../tools/policyCheck/policyPack";
import { PackFolder } from "./packFolder";

const STACK = loadStackConfig({ directory: resolve(__dirname, "../policies/sample-program"), stack: "dev" });
const IMPORT = 'const { PolicyPack } = require("@pulumi/policy");';

const QUEUE: RawResource = {
  urn: "urn:pulumi:dev::sample-program::aws:sqs/queue:Queue::work",
  type: "aws:sqs/queue:Queue",
  name: "work",
  custom: true,
  parent: "",
  provider: "",
  id: "work",
  inputs: {},
  outputs: {},
  dependencies: [],
  propertyDependencies: {},
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

/** A pack with one policy, which does this with each resource. */
function policyThat(validates: string): string {
  return `${IMPORT}
    const policy = { name: "one", description: "One.", validateResource: () => { ${validates} } };
    new PolicyPack("written-pack", { policies: [policy] });`;
}

const folders: PackFolder[] = [];
afterAll(() => Promise.all(folders.map((folder) => folder.remove())));

/** Starts a pack, asks it about a queue, and ends it. */
async function use(index: string): Promise<void> {
  const folder = await PackFolder.write({ "index.js": index });
  folders.push(folder);
  const { signal } = new AbortController();
  const pack = await PolicyPack.start({ directory: folder.path, stack: STACK, signal });
  try {
    await pack.analyze(QUEUE);
  } finally {
    await pack.stop();
  }
}

test.each([
  [
    "throws while it loads",
    'throw new Error("no such thing");',
    /^.* fails: Error: no such thing\. Correct it\.$/,
  ],
  [
    "throws after it has said that it is ready",
    `${policyThat("")} throw new Error("too late");`,
    /^.* fails: Error: too late\. Correct it\.$/,
  ],
  [
    "has a name that Pulumi refuses",
    `${IMPORT} new PolicyPack("a name!", { policies: [] });`,
    /^.* ended \(exit code 1\): Invalid policy pack name "a name!"/,
  ],
  [
    "writes to stdout before its port",
    `console.log("hello"); ${policyThat("")}`,
    /^.* writes "hello" while it loads, where Pulumi expects its port\. Leave that out\.$/,
  ],
  [
    "has no policies",
    `${IMPORT} new PolicyPack("empty", { policies: [] });`,
    /^.* has no policies: nothing is checked\.$/,
  ],
  [
    "ends its process in a policy",
    policyThat("process.exit(0);"),
    /^.* ended \(exit code 0\)\. Correct it\.$/,
  ],
  [
    "has a policy that fails in a promise nobody awaits",
    policyThat('void Promise.reject(new Error("unheard"));'),
    /^.* fails: Error: unheard\. Correct it\.$/,
  ],
])("a pack that %s is refused", async (_what, index, message) => {
  await expect(use(index)).rejects.toThrow(message);
});
