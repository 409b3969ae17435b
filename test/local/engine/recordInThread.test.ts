import { join } from "node:path";
import { recordInProcess } from "../../../local/engine/inProcess";
import { recordInThread } from "../../../local/engine/recordInThread";
import { byUrn } from "../../support/byUrn";

const SAMPLE = { directory: join(__dirname, "sample"), stack: "dev", origin: "http://127.0.0.1:4000" };

test("a thread records the same graph as this process", async () => {
  const here = (await recordInProcess(SAMPLE)).graph;
  const { graph: inThread } = await recordInThread(SAMPLE);

  expect(byUrn(inThread)).toEqual(byUrn(here));
});

test.each([
  ["throws", "throw", "this program throws"],
  ["has an apply that fails", "apply", "The program failed: this apply fails"],
])(
  "a program that %s is refused with its own message, and harms nothing else",
  async (_what, sabotage, message) => {
    await expect(recordInThread({ ...SAMPLE, config: { sabotage } })).rejects.toThrow(message);
  },
);

test("an unknown stack is refused with those that exist", async () => {
  await expect(recordInThread({ ...SAMPLE, stack: "staging" })).rejects.toThrow(/"staging".*dev, prod/);
});

test("a program is ended when the caller aborts", async () => {
  const abort = new AbortController();
  const run = recordInThread(SAMPLE, { signal: abort.signal });
  abort.abort(new Error("no longer wanted"));
  await expect(run).rejects.toThrow("no longer wanted");
});
