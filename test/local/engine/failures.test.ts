import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { recordInProcess } from "../../../local/engine/inProcess";
import { recordWithLanguageHost } from "../../../local/engine/languageHost";

const SAMPLE = { directory: join(__dirname, "sample"), stack: "dev", origin: "http://127.0.0.1:4000" };

describe("a program that fails in this process is refused, saying why:", () => {
  const expected: Readonly<Record<string, string | null>> = {
    throw: "this program throws",
    apply: "The program failed: this apply fails",
    invoke:
      'The local run does not know the provider function "aws:ec2/getVpc:getVpc". Add it to local/engine/aws/functions.ts.',
    type: 'The local run does not know the resource type "aws:s3/bucket:Bucket" of "unknown". Add it to local/engine/aws.',
    duplicate:
      'Duplicate resource URN "urn:pulumi:dev::sample::aws:sqs/queue:Queue::twin": two resources of one type and parent have the same name. Rename one of them.',
    read: "The recording engine does not support reading a resource that the stack does not own (`get`).",
    none: null,
    never: "The program did not come to an end within 0.5 s: it waits for a promise that nobody fulfils.",
    hang: "The program did not come to an end within 0.5 s: it waits for a promise that nobody fulfils.",
  };
  let errors: Readonly<Record<string, string | null>>;
  beforeAll(async () => {
    const script = join(__dirname, "recordSabotaged.ts");
    const run = ["--import=tsx", script, ...Object.keys(expected)];
    const { stdout } = await promisify(execFile)(process.execPath, run, { cwd: join(__dirname, "../../..") });
    errors = JSON.parse(stdout) as typeof errors;
  });

  test.each(Object.keys(expected))("%s", (sabotage) => {
    expect(errors[sabotage]).toBe(expected[sabotage]);
  });
});

describe("a program that fails under the language host", () => {
  test("is refused with its own error", async () => {
    const run = recordWithLanguageHost({ ...SAMPLE, config: { sabotage: "throw" } });
    await expect(run).rejects.toThrow(/^The program failed \(exit code 32\): [^]*Error: this program throws/);
  });

  test("is refused when it asks for a provider function that is unknown", async () => {
    const run = recordWithLanguageHost({ ...SAMPLE, config: { sabotage: "invoke" } });
    await expect(run).rejects.toThrow(/does not know the provider function "aws:ec2\/getVpc:getVpc"/);
  });

  test("is killed when it takes too long", async () => {
    const run = recordWithLanguageHost({ ...SAMPLE, timeoutMs: 100 });
    await expect(run).rejects.toThrow("The program did not come to an end within 0.1 s.");
  });

  test("is killed when the caller aborts", async () => {
    const abort = new AbortController();
    const run = recordWithLanguageHost({ ...SAMPLE, signal: abort.signal });
    abort.abort(new Error("no longer wanted"));
    await expect(run).rejects.toThrow("no longer wanted");
  });
});

test("an unknown stack is refused before anything runs, with those that exist", async () => {
  const refusal = `There is no stack "staging" in ${SAMPLE.directory}: choose one of dev, prod.`;
  await expect(recordInProcess({ ...SAMPLE, stack: "staging" })).rejects.toThrow(refusal);
  await expect(recordWithLanguageHost({ ...SAMPLE, stack: "staging" })).rejects.toThrow(refusal);
});
