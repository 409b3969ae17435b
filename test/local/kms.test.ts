import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { Clock } from "../../local/clock";
import { Iam } from "../../local/iam/iam";
import { Kms } from "../../local/kms/kms";
import { host, resource } from "./support/resource";

const REGION = "eu-central-1";
const KEY_ARN = `arn:aws:kms:${REGION}:123456789012:key/11111111-2222-3333-4444-555555555555`;
const ROLE_ARN = "arn:aws:iam::123456789012:role/sender";
const SENDER: Caller = { type: "role", roleArn: ROLE_ARN, sessionName: "session" };
const SNS: Caller = {
  type: "service",
  service: "sns.amazonaws.com",
  sourceArn: `arn:aws:sns:${REGION}:123456789012:events`,
};
const LEAVE_TO_IAM = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::123456789012:root" },
  Action: "kms:*",
  Resource: "*",
};
const VIA_SQS = { StringEquals: { "kms:ViaService": `sqs.${REGION}.amazonaws.com` } };

interface Setup {
  readonly keyStatements?: readonly object[] | undefined;
  readonly roleStatements?: readonly object[];
  readonly keyInputs?: Readonly<Record<string, unknown>>;
}

async function keys({ keyStatements, roleStatements = [], keyInputs = {} }: Setup): Promise<Kms> {
  const iam = new Iam({ clock: new Clock(), region: REGION });
  const kms = new Kms({ iam, region: REGION });
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
  const role = { assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }) };
  await host(iam, resource("aws:iam/role:Role", "sender", role, { name: "sender", arn: ROLE_ARN }));
  if (roleStatements.length > 0) {
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: roleStatements });
    await host(iam, resource("aws:iam/rolePolicy:RolePolicy", "sender", { role: "sender", policy }));
  }
  const policy = keyStatements && JSON.stringify({ Version: "2012-10-17", Statement: keyStatements });
  const inputs = { ...(policy && { policy }), ...keyInputs };
  const outputs = { arn: KEY_ARN, keyId: "11111111-2222-3333-4444-555555555555" };
  await host(kms, resource("aws:kms/key:Key", "key", inputs, outputs));
  const alias = { name: "alias/data", targetKeyId: outputs.keyId };
  const aliasArn = `arn:aws:kms:${REGION}:123456789012:alias/data`;
  await host(kms, resource("aws:kms/alias:Alias", "data", alias, { arn: aliasArn }));
  return kms;
}

function mayDecrypt(
  kms: Kms,
  caller: Caller,
  key = KEY_ARN,
  via = "sqs",
  context?: Record<string, string>,
): boolean {
  try {
    kms.authorizeKey(caller, "kms:Decrypt", key, via, context);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "KMSAccessDeniedException", status: 400 });
    return false;
  }
}

const decrypt = { Effect: "Allow", Action: "kms:Decrypt", Resource: KEY_ARN };

describe("a key", () => {
  it("whose policy leaves it to IAM is used by roles that are allowed it", async () => {
    const setup = { keyStatements: [LEAVE_TO_IAM] };
    expect(mayDecrypt(await keys({ ...setup, roleStatements: [decrypt] }), SENDER)).toBe(true);
    expect(mayDecrypt(await keys(setup), SENDER)).toBe(false);
  });

  it("whose policy does not leave it to IAM is not used by a role that is allowed it", async () => {
    const keyStatements = [{ ...decrypt, Resource: "*", Principal: { AWS: `${ROLE_ARN}-other` } }];
    const kms = await keys({ keyStatements, roleStatements: [decrypt] });
    expect(() => kms.authorizeKey(SENDER, "kms:Decrypt", KEY_ARN, "sqs")).toThrow(
      `User: arn:aws:sts::123456789012:assumed-role/sender/session is not authorized to perform: kms:Decrypt ` +
        `on resource: ${KEY_ARN} because no resource-based policy allows the kms:Decrypt action`,
    );
  });

  it("whose policy names a role is used by it without more", async () => {
    const kms = await keys({ keyStatements: [{ ...decrypt, Principal: { AWS: ROLE_ARN } }] });
    expect(mayDecrypt(kms, SENDER)).toBe(true);
  });

  it("without a policy is left to IAM", async () => {
    expect(mayDecrypt(await keys({ roleStatements: [decrypt] }), SENDER)).toBe(true);
  });

  it("is denied to a role by its own policy whatever the key's allows", async () => {
    const Deny = { ...decrypt, Effect: "Deny" };
    const kms = await keys({
      keyStatements: [{ ...decrypt, Principal: { AWS: ROLE_ARN } }],
      roleStatements: [Deny],
    });
    expect(mayDecrypt(kms, SENDER)).toBe(false);
  });

  it("is used through the service that the condition names, and no other", async () => {
    const kms = await keys({
      keyStatements: [LEAVE_TO_IAM],
      roleStatements: [{ ...decrypt, Condition: VIA_SQS }],
    });
    expect(mayDecrypt(kms, SENDER, KEY_ARN, "sqs")).toBe(true);
    expect(mayDecrypt(kms, SENDER, KEY_ARN, "sns")).toBe(false);
  });

  it("is used for the encryption context that the condition names, and no other", async () => {
    const key = "kms:EncryptionContext:aws:logs:arn";
    const Condition = { ArnLike: { [key]: `arn:aws:logs:${REGION}:123456789012:log-group:/a/*` } };
    const logs: Caller = {
      type: "service",
      service: `logs.${REGION}.amazonaws.com`,
      sourceArn: "arn:aws:logs:::x",
    };
    const kms = await keys({
      keyStatements: [{ ...decrypt, Principal: { Service: logs.service }, Condition }],
    });
    const group = (name: string) => ({ [key]: `arn:aws:logs:${REGION}:123456789012:log-group:${name}` });
    expect(mayDecrypt(kms, logs, KEY_ARN, "logs", group("/a/1"))).toBe(true);
    expect(mayDecrypt(kms, logs, KEY_ARN, "logs", group("/b/1"))).toBe(false);
    expect(mayDecrypt(kms, logs, KEY_ARN, "logs")).toBe(false);
  });

  it("is used by a service only when its policy names the service", async () => {
    const named = { ...decrypt, Principal: { Service: "sns.amazonaws.com" } };
    expect(mayDecrypt(await keys({ keyStatements: [LEAVE_TO_IAM, named] }), SNS)).toBe(true);
    expect(mayDecrypt(await keys({ keyStatements: [LEAVE_TO_IAM] }), SNS)).toBe(false);
  });

  it.each([
    "11111111-2222-3333-4444-555555555555",
    "alias/data",
    `arn:aws:kms:${REGION}:123456789012:alias/data`,
  ])("is found as %s", async (name) => {
    expect(mayDecrypt(await keys({ roleStatements: [decrypt] }), SENDER, name)).toBe(true);
  });

  it("that does not exist is an error, for the administrator too", async () => {
    const kms = await keys({});
    expect(() => kms.authorizeKey(ADMINISTRATOR, "kms:Decrypt", "alias/none", "sqs")).toThrow(
      expect.objectContaining({ code: "KMSNotFoundException" }),
    );
  });

  it("that is disabled is used by nobody", async () => {
    const kms = await keys({ keyInputs: { isEnabled: false } });
    expect(() => kms.authorizeKey(ADMINISTRATOR, "kms:Decrypt", KEY_ARN, "sqs")).toThrow(
      expect.objectContaining({ code: "KMSDisabledException" }),
    );
  });

  it("of a kind that cannot encrypt is not hosted", async () => {
    await expect(keys({ keyInputs: { keyUsage: "SIGN_VERIFY" } })).rejects.toThrow("keyUsage");
  });

  it("with a policy that cannot be decided is not hosted", async () => {
    const Condition = { StringEquals: { "kms:RequestAlias": "alias/data" } };
    const keyStatements = [{ ...LEAVE_TO_IAM, Condition }];
    await expect(keys({ keyStatements })).rejects.toThrow(
      'policy of the key "key" has the condition key "kms:RequestAlias"',
    );
  });
});

describe("an AWS managed key", () => {
  it("is used by every role of the account through its service, and no other", async () => {
    const kms = await keys({});
    expect(mayDecrypt(kms, SENDER, "alias/aws/sqs", "sqs")).toBe(true);
    expect(mayDecrypt(kms, SENDER, "alias/aws/sqs", "sns")).toBe(false);
  });

  it("is not used by a service that comes by itself", async () => {
    expect(mayDecrypt(await keys({}), SNS, "alias/aws/sqs", "sqs")).toBe(false);
  });
});
