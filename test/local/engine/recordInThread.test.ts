import { join } from "node:path";
import { recordInProcess } from "../../../local/engine/inProcess";
import { recordInThread } from "../../../local/engine/recordInThread";

const SAMPLE = { directory: join(__dirname, "sample"), stack: "dev", origin: "http://127.0.0.1:4000" };

test("a thread records the same graph as this process", async () => {
  const byUrn = (a: { urn: string }, b: { urn: string }) => a.urn.localeCompare(b.urn);
  const here = (await recordInProcess(SAMPLE)).graph;
  const inThread = await recordInThread(SAMPLE);

  expect({ ...inThread, resources: [...inThread.resources].sort(byUrn) }).toEqual({
    ...here,
    resources: [...here.resources].sort(byUrn),
  });
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
