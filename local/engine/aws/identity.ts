import type { NewResource, ResourceTypes } from "./newResource";

/** IAM and KMS. */
export const IDENTITY_RESOURCES: ResourceTypes = {
  "aws:iam/policy:Policy": (resource) => {
    const name = resource.physicalName({ maxLength: 128 });
    const arn = resource.globalArn("iam", `policy${pathOf(resource)}${name}`);
    return { id: arn, name, arn, policyId: `ANPA${resource.upperCaseId(17)}` };
  },
  "aws:iam/role:Role": (resource) => {
    const name = resource.physicalName({ maxLength: 64 });
    return {
      id: name,
      name,
      arn: resource.globalArn("iam", `role${pathOf(resource)}${name}`),
      uniqueId: `AROA${resource.upperCaseId(17)}`,
    };
  },
  "aws:iam/rolePolicy:RolePolicy": (resource) => {
    const name = resource.physicalName({ maxLength: 128 });
    return { id: `${resource.text("role")}:${name}`, name };
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (resource) => ({
    id: `${resource.text("role")}/${resource.text("policyArn")}`,
  }),
  "aws:kms/alias:Alias": alias,
  "aws:kms/key:Key": (resource) => {
    const keyId = resource.uuid();
    return { id: keyId, keyId, arn: resource.arn("kms", `key/${keyId}`) };
  },
};

function alias(resource: NewResource) {
  const name = resource.physicalName({ maxLength: 256 });
  // KMS API reference, CreateAlias: the name "must begin with alias/".
  if (!name.startsWith("alias/")) resource.refuse(`is named "${name}": an alias's name begins with "alias/"`);
  const key = resource.text("targetKeyId");
  return {
    id: name,
    name,
    arn: resource.arn("kms", name),
    targetKeyArn: key.startsWith("arn:") ? key : resource.arn("kms", `key/${key}`),
  };
}

function pathOf(resource: NewResource): string {
  return resource.optionalText("path") ?? "/";
}
