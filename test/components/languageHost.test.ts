import { recordWithLanguageHost } from "../../local/engine/languageHost";
import type { Recorded } from "../../local/engine/recorded";
import { byUrn } from "../support/byUrn";
import { ORIGIN, PROGRAM, RecordedStack } from "./support/recordedStack";

/** Both at once: each host is a process of its own. */
const stacks = ["dev", "prod"] as const;
let hosts: Readonly<Record<string, Recorded>>;
let inProcess: Readonly<Record<string, RecordedStack>>;
beforeAll(async () => {
  const byStack = async <T>(record: (stack: string) => Promise<T>) =>
    Object.fromEntries(await Promise.all(stacks.map(async (stack) => [stack, await record(stack)] as const)));
  [hosts, inProcess] = await Promise.all([
    byStack((stack) => recordWithLanguageHost({ directory: PROGRAM, stack, origin: ORIGIN })),
    byStack((stack) => RecordedStack.record(stack)),
  ]);
});

test.each([
  ["dev", 173],
  ["prod", 169],
])(
  "%s: the program run by the SDK's own cmd/run, as `pulumi up` runs it, gives the same graph",
  (stack, count) => {
    const [host, expected] = [hosts[stack], inProcess[stack]];
    if (host === undefined || expected === undefined) throw new Error(`${stack} was not recorded.`);
    expect(host.graph.resources).toHaveLength(count);
    expect(byUrn(host.graph)).toEqual(byUrn(expected.graph));
    expect(host.logs).toEqual([]);
  },
);
