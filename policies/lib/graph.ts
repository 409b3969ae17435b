import type { PolicyResource, StackValidationArgs } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import type { ResolvedResource } from "@pulumi/pulumi/queryable";

/** A class of resources, such as `sqs.Queue`. */
export type ResourceClass<T extends Resource> = new (...args: never[]) => T;

/** One resource of a stack with its properties, typed. */
export interface Typed<T extends Resource> {
  readonly resource: PolicyResource;
  readonly props: ResolvedResource<T>;
}

/** The stack's resources of one type. */
export function resourcesOf<T extends Resource>(
  { resources }: Pick<StackValidationArgs, "resources">,
  type: ResourceClass<T>,
): Typed<T>[] {
  return resources.flatMap((resource) => {
    const props = resource.asType(type as new (...args: unknown[]) => T);
    return props === undefined ? [] : [{ resource, props }];
  });
}

/**
 * The resources of the stack that a property was made of, such as the queue behind a `queueUrl`. The program's own
 * dependencies tell, which a preview knows too, where the value is unknown yet; a value that was written out is
 * searched for ARNs and URLs of the stack's resources.
 */
export function referredBy(
  { resources }: Pick<StackValidationArgs, "resources">,
  resource: PolicyResource,
  property: string,
): readonly PolicyResource[] {
  const dependencies = resource.propertyDependencies[property] ?? [];
  if (dependencies.length > 0) return dependencies;
  const text = JSON.stringify(resource.props[property] ?? "");
  return resources.filter((other) => addressesOf(other).some((address) => text.includes(address)));
}

/** The ARN and the URL of a resource, as JSON texts quote them. */
function addressesOf({ props }: PolicyResource): string[] {
  const { arn, url } = props as { readonly arn?: unknown; readonly url?: unknown };
  return [arn, url].filter((address) => typeof address === "string" && address !== "") as string[];
}
