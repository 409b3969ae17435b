import { tablePolicies } from "../../policies/tables";
import { check, type CheckOptions, type Given } from "./support/check";

const table = (props: Given["props"]): Given => ({ type: "aws:dynamodb/table:Table", name: "orders", props });
const replica = (props: Given["props"]): Given => ({
  type: "aws:dynamodb/tableReplica:TableReplica",
  name: "copy",
  props,
});

describe("dynamodb-point-in-time-recovery", () => {
  const violations = (given: Given) => check(tablePolicies, "dynamodb-point-in-time-recovery", [given]);
  const ON = { pointInTimeRecovery: { enabled: true } };

  test.each([
    ["a table", table(ON)],
    [
      "a table and its replicas",
      table({ ...ON, replicas: [{ regionName: "eu-north-1", pointInTimeRecovery: true }] }),
    ],
    ["a replica", replica({ pointInTimeRecovery: true })],
  ])("passes %s that can be restored", async (_what, given) => {
    expect(await violations(given)).toEqual([]);
  });

  test.each([
    ["a table that says nothing", table({}), 'Table "orders"'],
    ["a table without", table({ pointInTimeRecovery: { enabled: false } }), 'Table "orders"'],
    [
      "a replica in the table without",
      table({ ...ON, replicas: [{ regionName: "eu-north-1" }] }),
      '"orders" in eu-north-1',
    ],
    ["a replica that says nothing", replica({}), 'Table replica "copy"'],
    ["a replica without", replica({ pointInTimeRecovery: false }), 'Table replica "copy"'],
  ])("refuses %s", async (_what, given, what) => {
    expect(await violations(given)).toEqual([
      expect.stringMatching(new RegExp(`${what} has no point-in-time recovery.*Set pointInTimeRecovery`)),
    ]);
  });
});

describe("dynamodb-deletion-protection", () => {
  const violations = (given: Given, options?: CheckOptions) =>
    check(tablePolicies, "dynamodb-deletion-protection", [given], options);
  const PRODUCTION = { stackTags: { environment: "production" } };
  const ON = { deletionProtectionEnabled: true };

  test.each([
    ["a table", table(ON)],
    ["a table and its replicas", table({ ...ON, replicas: [{ regionName: "eu-north-1", ...ON }] })],
    ["a replica", replica(ON)],
  ])("passes %s in production that cannot be deleted", async (_what, given) => {
    expect(await violations(given, PRODUCTION)).toEqual([]);
  });

  test.each([
    ["a table that says nothing", table({}), 'Table "orders"'],
    ["a table that can be deleted", table({ deletionProtectionEnabled: false }), 'Table "orders"'],
    [
      "a replica in the table",
      table({ ...ON, replicas: [{ regionName: "eu-north-1" }] }),
      '"orders" in eu-north-1',
    ],
    ["a replica", replica({ deletionProtectionEnabled: false }), 'Table replica "copy"'],
  ])("refuses %s in production", async (_what, given, what) => {
    expect(await violations(given, PRODUCTION)).toEqual([
      expect.stringMatching(new RegExp(`${what} can be deleted.*Set deletionProtectionEnabled to true\\.$`)),
    ]);
  });

  test("passes tables of other environments", async () => {
    const options = { stackTags: { environment: "development" } };
    expect(await violations(table({}), options)).toEqual([]);
    expect(await violations(replica({}), options)).toEqual([]);
  });

  test("takes a stack that does not say its environment for production, and says so", async () => {
    expect(await violations(table({}))).toEqual([
      expect.stringContaining(`if this is not production, say what it is with the stack's tag "environment"`),
    ]);
  });

  test("knows production by the tag and the value of the configuration", async () => {
    const config = { tag: "stage", value: "live" };
    expect(await violations(table({}), { config, stackTags: { stage: "live" } })).toHaveLength(1);
    expect(await violations(table({}), { config, stackTags: { stage: "test" } })).toEqual([]);
  });
});
