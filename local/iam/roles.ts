import { readInputs, readOutputs } from "../aws/properties";
import type { Resource, ResourceHost } from "../aws/resource";
import { Policy } from "./policy";
import {
  attachmentInputs,
  policyInputs,
  policyOutputs,
  roleInputs,
  roleOutputs,
  rolePolicyInputs,
} from "./resources";

export interface Role {
  readonly arn: string;
  /** Who may assume the role. */
  readonly trust: Policy;
  /** What a session of the role may do. */
  readonly policies: readonly Policy[];
}

interface HostedRole extends Role {
  readonly name: string;
  readonly policies: Policy[];
}

/** The roles of the account with the policies that are attached to them. */
export class Roles implements ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:iam/role:Role": (resource) => this.hostRole(resource),
    "aws:iam/rolePolicy:RolePolicy": (resource) => this.hostRolePolicy(resource),
    "aws:iam/policy:Policy": (resource) => this.hostPolicy(resource),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (resource) => this.hostAttachment(resource),
  };

  private readonly byName = new Map<string, HostedRole>();
  private readonly byArn = new Map<string, HostedRole>();
  private readonly managedPolicies = new Map<string, Policy>();

  get(arn: string): Role | undefined {
    return this.byArn.get(arn);
  }

  private hostRole(resource: Resource): void {
    const inputs = readInputs(resource, roleInputs);
    const { name, arn } = readOutputs(resource, roleOutputs);
    const trust = Policy.compile(inputs.assumeRolePolicy, `The trust policy of the role "${name}"`, "trust");
    const inline = (inputs.inlinePolicies ?? []).map((each) =>
      Policy.compile(each.policy, `The policy "${each.name}" of the role "${name}"`, "identity"),
    );
    const managed = (inputs.managedPolicyArns ?? []).map((policyArn) => this.managedPolicy(policyArn, name));
    const role: HostedRole = { name, arn, trust, policies: [...inline, ...managed] };
    this.byName.set(name, role);
    this.byArn.set(arn, role);
  }

  private hostRolePolicy(resource: Resource): void {
    const inputs = readInputs(resource, rolePolicyInputs);
    const role = this.named(inputs.role, resource);
    const name = `The policy "${resource.name}" of the role "${role.name}"`;
    role.policies.push(Policy.compile(inputs.policy, name, "identity"));
  }

  private hostPolicy(resource: Resource): void {
    const { policy } = readInputs(resource, policyInputs);
    const { arn } = readOutputs(resource, policyOutputs);
    this.managedPolicies.set(arn, Policy.compile(policy, `The policy "${resource.name}"`, "identity"));
  }

  private hostAttachment(resource: Resource): void {
    const inputs = readInputs(resource, attachmentInputs);
    const role = this.named(inputs.role, resource);
    role.policies.push(this.managedPolicy(inputs.policyArn, role.name));
  }

  private managedPolicy(policyArn: string, roleName: string): Policy {
    const policy = this.managedPolicies.get(policyArn);
    if (policy) return policy;
    throw new Error(
      `The role "${roleName}" has the managed policy ${policyArn}, which the program does not define: ` +
        "the local run does not know what it allows.",
    );
  }

  private named(name: string, resource: Resource): HostedRole {
    const role = this.byName.get(name);
    if (!role)
      throw new Error(`The ${resource.type} "${resource.name}" is for a role "${name}" that is not there.`);
    return role;
  }
}
