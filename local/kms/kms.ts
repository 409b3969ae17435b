import * as z from "zod";
import { ACCOUNT_ID } from "../aws/arn";
import type { KeyAuthorizer, PolicyDocument } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource, ResourceHost } from "../aws/resource";
import { principalName } from "../iam/context";
import type { Iam } from "../iam/iam";
import { readResourcePolicy } from "../iam/resourcePolicy";

interface Key {
  /** What the policies call it: the key's ARN, of an AWS managed key its alias's. */
  readonly arn: string;
  readonly enabled: boolean;
  readonly policy: PolicyDocument;
}

const tags = z.record(z.string(), z.string()).optional();

/** Rotation, the window before deletion and the description change nothing of who may use a key. */
const keyInputs = z.strictObject({
  tags,
  description: z.string().optional(),
  policy: z.string().optional(),
  isEnabled: z.boolean().default(true),
  keyUsage: z.literal("ENCRYPT_DECRYPT").optional(),
  customerMasterKeySpec: z.literal("SYMMETRIC_DEFAULT").optional(),
  enableKeyRotation: z.boolean().optional(),
  rotationPeriodInDays: z.number().optional(),
  deletionWindowInDays: z.number().optional(),
  bypassPolicyLockoutSafetyCheck: z.boolean().optional(),
});
const keyOutputs = z.object({ arn: z.string(), keyId: z.string() });

const aliasInputs = z.strictObject({
  name: z.string().startsWith("alias/").optional(),
  namePrefix: z.string().startsWith("alias/").optional(),
  targetKeyId: z.string(),
});
const aliasOutputs = z.object({ arn: z.string(), name: z.string() });

/** The policy of a key that is created without one (KMS Developer Guide, "Default key policy"). */
const DEFAULT_POLICY: PolicyDocument = {
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` },
    Action: "kms:*",
    Resource: "*",
  },
};

const MANAGED_ALIAS = /^(?:arn:aws:kms:[a-z0-9-]+:\d{12}:)?alias\/aws\/([a-z0-9-]+)$/;

/**
 * The account's keys, as far as who may use them goes: nothing is really encrypted.
 *
 * A key's policy decides, and only where it names the account do identity policies (KMS Developer Guide, "Key
 * policies"). A service that comes by itself needs to be named, so it can never use an AWS managed key.
 */
export class Kms implements KeyAuthorizer, ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:kms/key:Key": (resource) => this.hostKey(resource),
    "aws:kms/alias:Alias": (resource) => this.hostAlias(resource),
  };

  private readonly iam: Iam;
  private readonly region: string;
  /** By everything that may name it: id, ARN, alias, the alias's ARN. */
  private readonly keys = new Map<string, Key>();

  constructor(dependencies: { readonly iam: Iam; readonly region: string }) {
    this.iam = dependencies.iam;
    this.region = dependencies.region;
  }

  /**
   * @throws AwsError `KMSNotFoundException`, `KMSDisabledException`, or `KMSAccessDeniedException` when the role or
   *   the key's policy does not allow it
   */
  authorizeKey(
    caller: Caller,
    action: string,
    keyName: string,
    via: string,
    context?: Readonly<Record<string, string>>,
  ): void {
    const key = this.find(keyName);
    if (!key.enabled) throw new AwsError("KMSDisabledException", `${key.arn} is disabled.`);
    if (caller.type === "administrator") return;
    const { identity, resource } = this.iam.evaluate(caller, action, key.arn, {
      context: { ...context, "kms:ViaService": `${via}.${this.region}.amazonaws.com` },
      resourcePolicy: key.policy,
    });
    const allowed = resource.allowed || (resource.delegated && identity.allowed);
    if (identity.denied)
      throw denied(caller, action, key, "with an explicit deny in an identity-based policy");
    if (resource.denied)
      throw denied(caller, action, key, "with an explicit deny in a resource-based policy");
    if (allowed) return;
    const silent = resource.delegated ? "identity" : "resource";
    throw denied(caller, action, key, `because no ${silent}-based policy allows the ${action} action`);
  }

  private find(name: string): Key {
    const known = this.keys.get(name);
    if (known) return known;
    const managedBy = MANAGED_ALIAS.exec(name)?.[1];
    if (managedBy === undefined)
      throw new AwsError("KMSNotFoundException", `The key '${name}' does not exist.`);
    const key = managedKey(managedBy, this.region);
    this.keys.set(name, key);
    return key;
  }

  private hostKey(resource: Resource): void {
    const { policy, isEnabled } = readInputs(resource, keyInputs);
    const { arn, keyId } = readOutputs(resource, keyOutputs);
    const document =
      policy === undefined
        ? DEFAULT_POLICY
        : readResourcePolicy(policy, `The policy of the key "${resource.name}"`);
    const key = { arn, enabled: isEnabled, policy: document };
    this.keys.set(arn, key);
    this.keys.set(keyId, key);
  }

  private hostAlias(resource: Resource): void {
    const { targetKeyId } = readInputs(resource, aliasInputs);
    const { arn, name } = readOutputs(resource, aliasOutputs);
    const key = this.keys.get(targetKeyId);
    if (!key) throw new Error(`The alias "${name}" is of a key "${targetKeyId}" that is not there.`);
    this.keys.set(arn, key);
    this.keys.set(name, key);
  }
}

/**
 * A key that AWS creates for one of its services: everyone in the account may use it, through that service only
 * (the policy that the KMS Developer Guide shows for AWS managed keys).
 */
function managedKey(service: string, region: string): Key {
  const condition = {
    "kms:CallerAccount": ACCOUNT_ID,
    "kms:ViaService": `${service}.${region}.amazonaws.com`,
  };
  const policy = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:CreateGrant",
        "kms:DescribeKey",
      ],
      Resource: "*",
      Condition: { StringEquals: condition },
    },
  };
  return { arn: `arn:aws:kms:${region}:${ACCOUNT_ID}:alias/aws/${service}`, enabled: true, policy };
}

function denied(caller: Caller, action: string, key: Key, reason: string): AwsError {
  const message = `User: ${principalName(caller)} is not authorized to perform: ${action} on resource: ${key.arn} ${reason}`;
  return new AwsError("KMSAccessDeniedException", message);
}
