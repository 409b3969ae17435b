import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import type * as pulumi from "@pulumi/pulumi";

/** Where the stack is deployed to. */
export interface Account {
  readonly id: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
}

export function currentAccount(): Account {
  return { id: getCallerIdentityOutput().accountId, region: getRegionOutput().region };
}
