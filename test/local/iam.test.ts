import type { PolicyDocument } from "../../local/aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { Clock } from "../../local/clock";
import { Iam, type AuthorizeOptions } from "../../local/iam/iam";
import { readResourcePolicy } from "../../local/iam/resourcePolicy";
import { host, resource } from "./support/resource";

const ROLE_ARN = "arn:aws:iam::123456789012:role/sender";
const SENDER: Caller = { type: "role", roleArn: ROLE_ARN, sessionName: "session" };
const QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:events";
const SNS: Caller = { type: "service", service: "sns.amazonaws.com", sourceArn: TOPIC };
const SEND = { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE };

const clock = new Clock();

function document(...statements: object[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

function trusting(service: string, condition?: object): PolicyDocument {
  return document({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: service },
    Condition: condition,
  });
}

async function iamWith(...statements: object[]): Promise<Iam> {
  const iam = new Iam({ clock, region: "eu-central-1" });
  const assumeRolePolicy = JSON.stringify(trusting("lambda.amazonaws.com"));
  await host(
    iam,
    resource("aws:iam/role:Role", "sender", { assumeRolePolicy }, { name: "sender", arn: ROLE_ARN }),
  );
  if (statements.length > 0) await attach(iam, document(...statements));
  return iam;
}

async function attach(iam: Iam, policy: PolicyDocument): Promise<void> {
  const inputs = { role: "sender", policy: JSON.stringify(policy) };
  await host(iam, resource("aws:iam/rolePolicy:RolePolicy", "sending", inputs));
}

function mayDo(
  iam: Iam,
  caller: Caller,
  action: string,
  target = QUEUE,
  options?: AuthorizeOptions,
): boolean {
  try {
    iam.authorize(caller, action, target, options);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "AccessDeniedException", status: 403 });
    return false;
  }
}

describe("what a role may do", () => {
  it("may do what one of its policies allows, and nothing else", async () => {
    const iam = await iamWith(SEND);
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
    expect(mayDo(iam, SENDER, "sqs:ReceiveMessage")).toBe(false);
    expect(mayDo(iam, SENDER, "sqs:SendMessage", `${QUEUE}-other`)).toBe(false);
  });

  it("may do nothing without a policy", async () => {
    expect(mayDo(await iamWith(), SENDER, "sqs:SendMessage")).toBe(false);
  });

  it("may do nothing when its role is not there", async () => {
    const stranger: Caller = { type: "role", roleArn: `${ROLE_ARN}-gone`, sessionName: "session" };
    expect(mayDo(await iamWith(SEND), stranger, "sqs:SendMessage")).toBe(false);
  });

  it("is told in IAM's words what was denied", async () => {
    const iam = await iamWith();
    expect(() => iam.authorize(SENDER, "sqs:SendMessage", QUEUE)).toThrow(
      `User: arn:aws:sts::123456789012:assumed-role/sender/session is not authorized to perform: sqs:SendMessage ` +
        `on resource: ${QUEUE} because no identity-based policy allows the sqs:SendMessage action`,
    );
  });

  it("is held by a Deny whatever another policy allows", async () => {
    const iam = await iamWith(SEND);
    await attach(iam, document({ Effect: "Deny", Action: "sqs:*", Resource: "*" }));
    expect(() => iam.authorize(SENDER, "sqs:SendMessage", QUEUE)).toThrow(
      "with an explicit deny in an identity-based policy",
    );
  });

  it.each([
    ["*", "sqs:SendMessage", true],
    ["sqs:*", "sqs:SendMessage", true],
    ["SQS:sendmessage", "sqs:SendMessage", true],
    ["sqs:Send*", "sqs:SendMessage", true],
    ["sqs:Send*", "sqs:ReceiveMessage", false],
    ["sqs:SendMessag?", "sqs:SendMessage", true],
    ["sns:*", "sqs:SendMessage", false],
  ])("by the action %s may do %s: %s", async (pattern, action, allowed) => {
    const iam = await iamWith({ ...SEND, Action: ["sns:Publish", pattern] });
    expect(mayDo(iam, SENDER, action)).toBe(allowed);
  });

  it("may do everything but what NotAction lists", async () => {
    const iam = await iamWith({ Effect: "Allow", NotAction: "sqs:Delete*", Resource: "*" });
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
    expect(mayDo(iam, SENDER, "sqs:DeleteQueue")).toBe(false);
  });

  it.each([
    ["arn:aws:sqs:*:*:jobs", true],
    ["arn:aws:sqs:*:*:job?", true],
    ["arn:aws:sqs:*:*:JOBS", false],
    ["arn:aws:sqs:*:*:jobs.dlq", false],
    ["arn:aws:sqs:*:*:${aws:PrincipalAccount}", false],
  ])("by the resource %s may reach the queue: %s", async (pattern, allowed) => {
    expect(mayDo(await iamWith({ ...SEND, Resource: pattern }), SENDER, "sqs:SendMessage")).toBe(allowed);
  });

  it("may reach every resource but what NotResource lists", async () => {
    const iam = await iamWith({ Effect: "Allow", Action: "sqs:SendMessage", NotResource: QUEUE });
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
    expect(mayDo(iam, SENDER, "sqs:SendMessage", `${QUEUE}-other`)).toBe(true);
  });

  it("may reach what a policy variable of the request names", async () => {
    const iam = await iamWith({
      ...SEND,
      Resource: "arn:aws:sqs:${aws:RequestedRegion}:${aws:PrincipalAccount}:jobs",
    });
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
    expect(mayDo(iam, SENDER, "sqs:SendMessage", QUEUE.replace("eu-central-1", "us-east-1"))).toBe(false);
  });

  it("reads a policy variable as plain text before version 2012-10-17", async () => {
    const iam = await iamWith();
    await attach(iam, {
      Statement: { ...SEND, Resource: "arn:aws:sqs:${aws:RequestedRegion}:123456789012:jobs" },
    });
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
  });
});

describe("what a resource's own policy allows", () => {
  const sendFromTopic = {
    ...SEND,
    Principal: { Service: "sns.amazonaws.com" },
    Condition: { ArnEquals: { "aws:SourceArn": TOPIC } },
  };

  it("lets a service in for the resource it acts for, and no other", async () => {
    const iam = await iamWith();
    const resourcePolicy = document(sendFromTopic);
    const other: Caller = { ...SNS, sourceArn: `${TOPIC}-other` };
    expect(mayDo(iam, SNS, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(true);
    expect(mayDo(iam, other, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(false);
  });

  it("keeps a service out without a policy", async () => {
    const iam = await iamWith();
    expect(() => iam.authorize(SNS, "sqs:SendMessage", QUEUE)).toThrow(
      `User: sns.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${QUEUE} ` +
        "because no resource-based policy allows the sqs:SendMessage action",
    );
  });

  it.each([
    ["everyone", "*", true],
    ["everyone of AWS", { AWS: "*" }, true],
    ["the role", { AWS: ROLE_ARN }, true],
    ["the session", { AWS: ["arn:aws:sts::123456789012:assumed-role/sender/session"] }, true],
    ["another role", { AWS: `${ROLE_ARN}-other` }, false],
    ["a service", { Service: "sns.amazonaws.com" }, false],
    ["the account, which leaves it to the role's policies", { AWS: "arn:aws:iam::123456789012:root" }, false],
  ])("decides for a role without policies by naming %s", async (_who, Principal, allowed) => {
    const resourcePolicy = document({ ...SEND, Principal });
    expect(mayDo(await iamWith(), SENDER, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(allowed);
  });

  it("denies the whole account by its root", async () => {
    const Principal = { AWS: "123456789012" };
    const resourcePolicy = document({ ...SEND, Effect: "Deny", Principal });
    const iam = await iamWith(SEND);
    expect(() => iam.authorize(SENDER, "sqs:SendMessage", QUEUE, { resourcePolicy })).toThrow(
      "with an explicit deny in a resource-based policy",
    );
  });

  it("does not hold the administrator", async () => {
    const resourcePolicy = document({ ...SEND, Effect: "Deny", Principal: "*" });
    expect(mayDo(await iamWith(), ADMINISTRATOR, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(true);
  });

  it("takes local calls for calls over TLS", async () => {
    const insecure = { Bool: { "aws:SecureTransport": "false" } };
    const resourcePolicy = document({ ...SEND, Effect: "Deny", Principal: "*", Condition: insecure });
    expect(mayDo(await iamWith(SEND), SENDER, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(true);
  });

  it("is refused at hosting when it cannot be decided", () => {
    const Condition = { StringResembles: { "aws:SourceArn": TOPIC } };
    const policy = JSON.stringify(document({ ...SEND, Principal: "*", Condition }));
    expect(() => readResourcePolicy(policy, 'The policy of the queue "jobs"')).toThrow(
      'The policy of the queue "jobs" has the condition operator "StringResembles": the local run does not support that.',
    );
  });
});

describe("what the local run refuses to host", () => {
  it.each([
    ["an unknown element", { ...SEND, Conditions: {} }, "Conditions"],
    ["NotPrincipal", { ...SEND, NotPrincipal: "*" }, "NotPrincipal"],
    ["a Principal in a role's policy", { ...SEND, Principal: "*" }, "a statement with a Principal"],
    ["no action", { Effect: "Allow", Resource: "*" }, "without exactly one of Action and NotAction"],
    ["no resource", { Effect: "Allow", Action: "*" }, "without exactly one of Resource and NotResource"],
    ["an effect that is none", { ...SEND, Effect: "allow" }, "Effect"],
    ["an action of no service", { ...SEND, Action: "SendMessage" }, 'the action "sendmessage"'],
    [
      "a policy variable without a value",
      { ...SEND, Resource: "${aws:username}" },
      'variable "aws:username"',
    ],
  ])("refuses %s and names the policy", async (_what, statement, reason) => {
    const hosting = iamWith(statement);
    await expect(hosting).rejects.toThrow('The policy "sending" of the role "sender"');
    await expect(hosting).rejects.toThrow(reason);
  });

  it("refuses a principal of a kind that the run has no callers for", () => {
    const policy = document({ ...SEND, Principal: { Federated: "cognito-identity.amazonaws.com" } });
    expect(() => readResourcePolicy(policy, "The policy")).toThrow(
      '{"Federated": "cognito-identity.amazonaws.com"}',
    );
  });

  it("refuses a managed policy that the program does not define", async () => {
    const iam = await iamWith();
    const policyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    const attachment = resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "all", {
      role: "sender",
      policyArn,
    });
    await expect(host(iam, attachment)).rejects.toThrow(policyArn);
  });

  it("refuses a property of a role that it would ignore", async () => {
    const iam = await iamWith();
    const inputs = { assumeRolePolicy: trusting("lambda.amazonaws.com"), permissionsBoundary: ROLE_ARN };
    const role = resource("aws:iam/role:Role", "bounded", inputs, {
      name: "bounded",
      arn: `${ROLE_ARN}-bounded`,
    });
    await expect(host(iam, role)).rejects.toThrow(/aws:iam\/role:Role "bounded".*permissionsBoundary/s);
  });

  it("refuses a policy that is not JSON", async () => {
    const iam = await iamWith();
    const policy = resource("aws:iam/rolePolicy:RolePolicy", "broken", { role: "sender", policy: "{" });
    await expect(host(iam, policy)).rejects.toThrow(
      'The policy "broken" of the role "sender" is malformed: it is not JSON.',
    );
  });
});

describe("a managed policy of the program", () => {
  it("counts once it is attached", async () => {
    const iam = await iamWith();
    const arn = "arn:aws:iam::123456789012:policy/sending";
    await host(iam, resource("aws:iam/policy:Policy", "sending", { policy: document(SEND) }, { arn }));
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
    const attachment = { role: "sender", policyArn: arn };
    await host(iam, resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "sending", attachment));
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
  });
});

describe("a question that was asked before", () => {
  it("is answered anew once another policy is attached", async () => {
    const iam = await iamWith(SEND);
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
    await attach(iam, document({ ...SEND, Effect: "Deny" }));
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
  });

  it("is answered by what the request gives now", async () => {
    const iam = await iamWith({ ...SEND, Condition: { StringEquals: { "kms:ViaService": "sqs" } } });
    const via = (service: string) => ({ context: { "kms:ViaService": service } });
    expect(mayDo(iam, SENDER, "sqs:SendMessage", QUEUE, via("sqs"))).toBe(true);
    expect(mayDo(iam, SENDER, "sqs:SendMessage", QUEUE, via("sns"))).toBe(false);
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
    expect(mayDo(iam, SENDER, "sqs:SendMessage", QUEUE, via("sqs"))).toBe(true);
  });

  it("is answered by the resource's policy of now", async () => {
    const iam = await iamWith();
    const resourcePolicy = document({ ...SEND, Principal: "*" });
    expect(mayDo(iam, SNS, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(true);
    expect(mayDo(iam, SNS, "sqs:SendMessage")).toBe(false);
    expect(mayDo(iam, SNS, "sqs:SendMessage", QUEUE, { resourcePolicy })).toBe(true);
  });

  it("is answered by the time of now", async () => {
    const end = new Date(clock.now() + 60_000).toISOString();
    const iam = await iamWith({ ...SEND, Condition: { DateLessThan: { "aws:CurrentTime": end } } });
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(true);
    clock.advance(60_000);
    expect(mayDo(iam, SENDER, "sqs:SendMessage")).toBe(false);
  });
});

describe("an observer", () => {
  it("is told of each question, of an answer that is remembered too", async () => {
    const told: unknown[] = [];
    const observed = new Iam({
      clock,
      region: "eu-central-1",
      onDecision: (action, target, { caller }, { identity, resource: own }) =>
        told.push([caller, action, target, identity.allowed, own.allowed]),
    });
    const fromTopic = {
      ...{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" } },
      ...{ Action: "sqs:SendMessage", Resource: QUEUE },
    };
    const resourcePolicy = readResourcePolicy(JSON.stringify(document(fromTopic)), "The queue's policy");
    mayDo(observed, SENDER, "sqs:SendMessage");
    mayDo(observed, SENDER, "sqs:SendMessage");
    mayDo(observed, SNS, "sqs:SendMessage", QUEUE, { resourcePolicy });
    mayDo(observed, ADMINISTRATOR, "sqs:SendMessage");
    expect(told).toEqual([
      [SENDER, "sqs:SendMessage", QUEUE, false, false],
      [SENDER, "sqs:SendMessage", QUEUE, false, false],
      [SNS, "sqs:SendMessage", QUEUE, false, true],
    ]);
  });
});

describe("assuming a role", () => {
  const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:work";

  it("gives the service a session of a role that trusts it", async () => {
    const iam = await iamWith();
    expect(iam.assumeRole(ROLE_ARN, "lambda.amazonaws.com", FUNCTION, "session")).toEqual(SENDER);
  });

  it("is refused to a service that the role does not trust", async () => {
    const iam = await iamWith();
    expect(() => iam.assumeRole(ROLE_ARN, "states.amazonaws.com", FUNCTION, "session")).toThrow(
      `User: states.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE_ARN}`,
    );
  });

  it("is refused where the trust policy's conditions do not hold", async () => {
    const iam = await iamWith();
    const condition = {
      StringEquals: { "aws:SourceAccount": "123456789012" },
      ArnLike: { "aws:SourceArn": `${FUNCTION}*` },
    };
    const inputs = { assumeRolePolicy: trusting("lambda.amazonaws.com", condition) };
    const arn = "arn:aws:iam::123456789012:role/careful";
    await host(iam, resource("aws:iam/role:Role", "careful", inputs, { name: "careful", arn }));
    expect(iam.assumeRole(arn, "lambda.amazonaws.com", `${FUNCTION}-2`, "s").type).toBe("role");
    expect(() => iam.assumeRole(arn, "lambda.amazonaws.com", QUEUE, "s")).toThrow("sts:AssumeRole");
    const foreign = FUNCTION.replace("123456789012", "999999999999");
    expect(() => iam.assumeRole(arn, "lambda.amazonaws.com", foreign, "s")).toThrow("sts:AssumeRole");
  });

  it("is refused for a role that is not there", async () => {
    const iam = await iamWith();
    expect(() => iam.assumeRole(`${ROLE_ARN}-gone`, "lambda.amazonaws.com", FUNCTION, "s")).toThrow(
      "cannot be found",
    );
  });
});

describe("credentials", () => {
  it("lead back to the session that they were handed to", async () => {
    const iam = await iamWith();
    const { accessKeyId } = iam.credentials(SENDER);
    expect(accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(iam.callerOf(accessKeyId)).toEqual(SENDER);
    expect(iam.credentials({ ...SENDER, sessionName: "another" }).accessKeyId).not.toBe(accessKeyId);
  });

  it("of nobody in the run are the administrator's", async () => {
    expect((await iamWith()).callerOf("AKIAIOSFODNN7EXAMPLE")).toEqual(ADMINISTRATOR);
  });

  it("are asked for when a request is not signed", async () => {
    const iam = await iamWith();
    expect(() => iam.callerOf(undefined)).toThrow("Request is missing Authentication Token");
  });
});
