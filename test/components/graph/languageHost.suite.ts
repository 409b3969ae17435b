import { recordWithLanguageHost } from "../../../local/engine/languageHost";
import type { Recorded } from "../../../local/engine/recorded";
import { byUrn } from "../../support/byUrn";
import { ORIGIN, PROGRAM, type RecordedStack } from "../support/recordedStack";

const STACKS = ["dev", "prod"];

export function describeLanguageHost(dev: () => RecordedStack, prod: () => RecordedStack): void {
  describe("the program run by the SDK's own cmd/run, as `pulumi up` runs it", () => {
    /** Both at once: each host is a process of its own. */
    let hosts: readonly Recorded[];
    beforeAll(async () => {
      const record = (stack: string) => recordWithLanguageHost({ directory: PROGRAM, stack, origin: ORIGIN });
      hosts = await Promise.all(STACKS.map(record));
    });

    test.each([
      ["dev", 200],
      ["prod", 196],
    ])("gives the same graph of %s", (stack, count) => {
      const host = hosts[STACKS.indexOf(stack)];
      const expected = stack === "dev" ? dev() : prod();
      expect(host?.graph.resources).toHaveLength(count);
      expect(host && byUrn(host.graph)).toEqual(byUrn(expected.graph));
      expect(host?.logs).toEqual([]);
    });
  });
}
