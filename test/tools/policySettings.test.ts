import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyInfo, PolicyPackInfo } from "../../tools/policyCheck/packInfo";
import { readSettings, reconcileSettings } from "../../tools/policyCheck/settings";

const POLICY: PolicyInfo = {
  name: "retention",
  description: "Keeps what it has.",
  of: "resource",
  level: "advisory",
  schemas: { days: { type: "integer", minimum: 1, default: 4 }, why: { type: "string" } },
  required: ["days"],
};
const PACK: PolicyPackInfo = {
  name: "sample",
  version: "1.0.0",
  policies: [POLICY, { ...POLICY, name: "other" }],
  initialSettings: new Map(),
};

test("defaults come from the schema", () => {
  expect(reconcileSettings(PACK).get("retention")).toEqual({ level: "advisory", properties: { days: 4 } });
});

test('"all" sets the level of every policy but of those that have their own', () => {
  const settings = reconcileSettings(PACK, {
    all: { enforcementLevel: "disabled" },
    other: { enforcementLevel: "mandatory" },
  });
  expect([...settings].map(([name, { level }]) => [name, level])).toEqual([
    ["retention", "disabled"],
    ["other", "mandatory"],
  ]);
});

test.each([
  [
    "a policy that the pack has not",
    { retenton: { days: 3 } },
    'The policy configuration names "retenton", a policy that sample has not.',
  ],
  [
    "a property that the policy has not",
    { retention: { dais: 3 } },
    'The configuration of the policy retention is wrong: must NOT have additional properties ("dais").',
  ],
  [
    "a value of the wrong type",
    { retention: { days: "three" } },
    "The configuration of the policy retention is wrong: days must be integer.",
  ],
])("%s is refused", (_what, given, message) => {
  expect(() => reconcileSettings(PACK, given)).toThrow(message);
});

describe("a file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "policy-settings-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(content: string) {
    const file = join(folder, "settings.json");
    await writeFile(file, content);
    return readSettings(file);
  }

  test("gives a policy a level, or a level and properties", async () => {
    expect(await read('{"other":"disabled","retention":{"enforcementLevel":"mandatory","days":9}}')).toEqual({
      other: { enforcementLevel: "disabled" },
      retention: { enforcementLevel: "mandatory", days: 9 },
    });
  });

  test.each([
    ["that is not JSON", "{", /settings\.json is not JSON\. Correct it\.$/],
    [
      "with an unknown level",
      '{"retention":"strict"}',
      /"retention" must be one of advisory, mandatory, remediate, disabled, or an object/,
    ],
    ["that is no object", "[]", /"the whole" must be/],
  ])("%s is refused", async (_what, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  test("that does not exist is refused", async () => {
    await expect(readSettings(join(folder, "none.json"))).rejects.toThrow(/none\.json cannot be read/);
  });
});
