import type { Resource, ResourceGraph } from "../../local/aws/resource";
import { mutate, nameOf, type MutationOptions, type Outcome } from "../../prove/iam/mutations";
import { permissionsOf, without, type Permission } from "../../prove/iam/permissions";
import { HOSTING, playOn, type Failure, type Play } from "../../prove/iam/play";
import { proveIamCommand } from "../../prove/iam/proveIamCommand";
import { isProven, reportJson, reportText } from "../../prove/iam/report";
import { UNEXERCISED, type Unexercised } from "../../prove/iam/unexercised";
import { RECORDED_ORIGIN, Recording, STACK } from "../../prove/recording";
import { resource } from "../local/support/resource";
import { recordedGraph } from "../support/recordedGraph";
import { runTool } from "../tools/runTool";

const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:jobs-1234567";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/1";
const TLS_ONLY = { Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: QUEUE };
const FROM_SNS = {
  Effect: "Allow",
  Principal: { Service: "sns.amazonaws.com" },
  Action: "sqs:SendMessage",
  Resource: QUEUE,
};

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

function graphOf(...statements: object[]): ResourceGraph {
  const resources: Resource[] = [
    resource("aws:iam/role:Role", "worker", {}, { arn: "arn:aws:iam::123456789012:role/worker" }),
    resource("aws:iam/rolePolicy:RolePolicy", "working", { role: "worker", policy: policy(...statements) }),
    resource("aws:sqs/queuePolicy:QueuePolicy", "jobs", { policy: policy(TLS_ONLY, FROM_SNS) }),
  ];
  return { project: "test", stack: "test", resources, outputs: {} };
}

const WORKER_GRAPH = graphOf(
  { Effect: "Allow", Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage"], Resource: [QUEUE, `${QUEUE}-2`] },
  {
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: KEY,
    Condition: { StringEquals: { "kms:ViaService": "sqs.eu-west-1.amazonaws.com" } },
  },
);

const allowedBy = (graph: ResourceGraph) =>
  permissionsOf(graph).map((permission) => `${nameOf(permission)} on ${permission.resource}`);

function named(permissions: readonly Permission[], action: string): Permission {
  const found = permissions.find((permission) => permission.action === action);
  if (!found) throw new Error(`Nothing allows ${action}.`);
  return found;
}

describe("what a graph allows", () => {
  it("is listed one action and one resource at a time, of roles and of resources' own policies", () => {
    expect(allowedBy(WORKER_GRAPH)).toEqual([
      `worker: sqs:ReceiveMessage on ${QUEUE}`,
      `worker: sqs:ReceiveMessage on ${QUEUE}-2`,
      `worker: sqs:DeleteMessage on ${QUEUE}`,
      `worker: sqs:DeleteMessage on ${QUEUE}-2`,
      `worker: kms:Decrypt through sqs on ${KEY}`,
      `queue jobs: sqs:SendMessage through sns on ${QUEUE}`,
    ]);
  });

  it("lacks one permission and nothing else once it is taken away", () => {
    const [, second] = permissionsOf(WORKER_GRAPH);
    const mutated = without(WORKER_GRAPH, second ? [second] : []);
    const expected = allowedBy(WORKER_GRAPH).filter((_, index) => index !== 1);
    expect(allowedBy(mutated)).toEqual(expected);
    expect(mutated.resources[2]).toEqual(WORKER_GRAPH.resources[2]);
  });

  it("goes on to refuse what a resource's policy denies", () => {
    const sending = named(permissionsOf(WORKER_GRAPH), "sqs:SendMessage");
    const { resources } = without(WORKER_GRAPH, [sending]);
    expect(JSON.parse(String(resources[2]?.inputs["policy"]))).toMatchObject({
      Statement: [{ Effect: "Deny", Action: ["sqs:*"] }],
    });
  });

  it("has no policy any more for a role that may do nothing", () => {
    const graph = graphOf({ Effect: "Allow", Action: "sqs:ReceiveMessage", Resource: QUEUE });
    const { resources } = without(graph, [named(permissionsOf(graph), "sqs:ReceiveMessage")]);
    expect(resources.map(({ type }) => type)).not.toContain("aws:iam/rolePolicy:RolePolicy");
  });

  it("cannot lack what it never allowed", () => {
    const foreign = permissionsOf(graphOf({ Effect: "Allow", Action: "sns:Publish", Resource: "*" }));
    expect(() => without(WORKER_GRAPH, [named(foreign, "sns:Publish")])).toThrow("has no permission");
  });
});

describe("taking the permissions away", () => {
  const permissions = permissionsOf(
    graphOf({ Effect: "Allow", Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage"], Resource: QUEUE }),
  );
  const receiving = named(permissions, "sqs:ReceiveMessage");
  const deleting = named(permissions, "sqs:DeleteMessage");
  const failure: Failure = { check: "a job is done", message: "it is not" };

  interface Playing {
    /** What is asked for; everything when left out. */
    readonly asked?: readonly Permission[];
    readonly fails?: (removed: readonly Permission[]) => boolean;
    /** Whether what is asked for and taken away is missed. */
    readonly denies?: boolean;
    readonly foreign?: readonly string[];
  }

  /** Stands for the local run. It remembers what was taken away together. */
  function playing({ asked = permissions, fails, denies = true, foreign = [] }: Playing) {
    const plays: (readonly Permission[])[] = [];
    const play: Play = (removed) => {
      plays.push(removed);
      const missed = denies ? removed.filter((permission) => asked.includes(permission)) : [];
      const hasFailed = fails?.(removed) ?? missed.length > 0;
      return Promise.resolve({
        ...{ asked: new Set(asked), denied: new Set(missed), foreign: new Set(foreign), slowestMs: 1 },
        ...(hasFailed && { failure }),
      });
    };
    return { play, plays };
  }

  function mutated(
    how: Playing,
    unexercised: readonly Unexercised[] = [],
    rest: Partial<MutationOptions> = {},
  ) {
    const { signal } = new AbortController();
    return mutate(permissions, playing(how).play, {
      unexercised,
      signal,
      onProgress: () => undefined,
      ...rest,
    });
  }

  const verdictOn = ({ results }: Outcome, wanted: Permission) =>
    results.find(({ permission }) => permission === wanted)?.verdict;
  const entry = (...actions: string[]): Unexercised => ({
    ...{ holders: ["worker"], actions, reason: "no jobs here", source: "a guide" },
  });

  it("shows which check needs each", async () => {
    const outcome = await mutated({});
    expect(outcome.results.map(({ verdict: { type } }) => type)).toEqual(["caught", "caught", "caught"]);
    expect(verdictOn(outcome, receiving)).toMatchObject({ by: "a job is done" });
    expect(isProven(outcome)).toBe(true);
  });

  it("finds one without which everything goes on", async () => {
    const outcome = await mutated({ fails: (removed) => removed.length > 0 && !removed.includes(deleting) });
    expect(verdictOn(outcome, deleting)).toEqual({ type: "not needed", asked: true });
    expect(isProven(outcome)).toBe(false);
    expect(reportText(outcome, 1)).toContain("not needed: worker: sqs:DeleteMessage");
  });

  it("does not take a failure for its own that has another reason", async () => {
    const outcome = await mutated({ denies: false, fails: (removed) => removed.includes(deleting) });
    expect(verdictOn(outcome, deleting)).toMatchObject({ type: "unclear", by: "a job is done" });
    expect(isProven(outcome)).toBe(false);
  });

  it("takes away together what nobody asks for, and believes it only when all goes on", async () => {
    const asked = permissions.filter((permission) => permission !== deleting);
    const { play, plays } = playing({ asked });
    const options = { unexercised: [], signal: new AbortController().signal, onProgress: () => undefined };
    const outcome = await mutate(permissions, play, options);
    expect(plays.filter((removed) => removed.includes(deleting))).toEqual([[deleting]]);
    expect(verdictOn(outcome, deleting)).toEqual({ type: "not needed", asked: false });
    await expect(mutated({ asked, fails: (removed) => removed.length > 0 })).rejects.toThrow(
      "without what was never asked for, this fails: a job is done",
    );
  });

  it("leaves what is explained", async () => {
    const asked = permissions.filter((permission) => permission !== deleting);
    const outcome = await mutated({ asked }, [entry("sqs:DeleteMessage")]);
    expect(verdictOn(outcome, deleting)).toMatchObject({ type: "stays" });
    expect(isProven(outcome)).toBe(true);
    expect(reportText(outcome, 1)).toContain("(1) no jobs here.\n    a guide.");
    expect(JSON.parse(reportJson(outcome, 1))).toMatchObject({
      permissions: expect.arrayContaining([
        expect.objectContaining({ action: "sqs:DeleteMessage", type: "stays", source: "a guide" }),
      ]) as unknown,
    });
  });

  it("finds explanations of what is needed, and of what nothing allows", async () => {
    const outcome = await mutated({}, [entry("sqs:DeleteMessage", "sqs:PurgeQueue")]);
    expect(outcome.stale).toEqual([
      'worker: sqs:DeleteMessage is needed: "a job is done" fails without it',
      "worker: sqs:PurgeQueue is allowed by no policy",
    ]);
    expect(isProven(outcome)).toBe(false);
  });

  it.each([
    ["a check fails", { fails: () => true }, "with every permission, this fails: a job is done: it is not"],
    [
      "a role asks for what it was never given",
      { foreign: ["worker: sns:Publish on *"] },
      "sns:Publish on *",
    ],
  ])("says nothing when %s though nothing is missing", async (_what, how, reason) => {
    await expect(mutated(how)).rejects.toThrow(reason);
  });

  it("keeps to one role on demand", async () => {
    const { results } = await mutated({}, [], { holder: "queue jobs" });
    expect(results.map(({ permission }) => nameOf(permission))).toEqual([
      "queue jobs: sqs:SendMessage through sns",
    ]);
  });
});

/** `npm run prove:iam` does it for each of them. */
describe("the order service without a permission", () => {
  let recording: Recording;
  let permissions: readonly Permission[];
  beforeAll(async () => {
    const graph = await recordedGraph(STACK, RECORDED_ORIGIN);
    recording = new Recording(JSON.stringify(graph));
    permissions = permissionsOf(graph);
  });

  it("does not accept an order that API Gateway may not put on the queue", async () => {
    const sending = named(permissions, "sqs:SendMessage");
    const { denied, failure } = await playOn(recording, permissions)([sending], 5_000);
    expect(sending.holder).toBe("orders-enqueue");
    expect([...denied]).toEqual([sending]);
    expect(failure?.check).toBe("an order is accepted");
  });

  it("is refused where AWS would refuse to create it", async () => {
    const listing = named(permissions, "dynamodb:ListStreams");
    const { denied, failure } = await playOn(recording, permissions)([listing], 5_000);
    expect([...denied]).toEqual([listing]);
    expect(failure).toMatchObject({ check: HOSTING });
    expect(failure?.message).toContain("Please ensure the role can perform the");
  });

  it("is what no explanation is about that names a permission it does not have", () => {
    const held = new Set(permissions.map(nameOf));
    const explained = UNEXERCISED.flatMap(({ holders, actions, through }) =>
      holders.flatMap((holder) => actions.map((action) => nameOf({ holder, action, through }))),
    );
    expect(explained.filter((name) => !held.has(name))).toEqual([]);
  });
});

it("refuses an option that it does not know", async () => {
  const { exitCode, stderr } = await runTool(proveIamCommand, ["--rolle", "x"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("unknown option '--rolle'");
});
