import type { PolicyResource, StackValidationArgs } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import type { ResolvedResource } from "@pulumi/pulumi/queryable";

/** A class of resources, such as `sqs.Queue`. */
export type ResourceClass<T extends Resource> = new (...args: never[]) => T;

/** What of a stack its policies look at. */
export type Stack = Pick<StackValidationArgs, "resources">;

/** One resource of a stack with its properties, typed. */
export interface Typed<T extends Resource> {
  readonly resource: PolicyResource;
  readonly props: ResolvedResource<T>;
}

/** The stack's resources of one type. */
export function resourcesOf<T extends Resource>({ resources }: Stack, type: ResourceClass<T>): Typed<T>[] {
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
  stack: Stack,
  resource: PolicyResource,
  property: string,
): readonly PolicyResource[] {
  const dependencies = dependenciesOf(resource, property);
  return dependencies.length > 0 ? dependencies : mentionedIn(stack, resource.props[property]);
}

/** The resources that the program made a property of; none where it was written out. */
export function dependenciesOf(resource: PolicyResource, property: string): readonly PolicyResource[] {
  return resource.propertyDependencies[property] ?? [];
}

/** Whether two resources have the same in a property: made of the same resource, or equal. */
export function isSame(one: PolicyResource, other: PolicyResource, property: string): boolean {
  const made = dependenciesOf(one, property);
  const alike = dependenciesOf(other, property);
  return made.length > 0 && alike.length > 0
    ? made.some((each) => alike.includes(each))
    : one.props[property] === other.props[property];
}

/** The resources of the stack whose ARN or URL is in a value, at any depth. */
export function mentionedIn({ resources }: Stack, value: unknown): readonly PolicyResource[] {
  if (!value) return [];
  const text = JSON.stringify(value);
  return resources.filter((resource) => addressesOf(resource).some((address) => mentions(text, address)));
}

/** Not as the beginning of a longer name: the ARN of `orders` is no mention of it in that of `orders-dead-letters`. */
function mentions(text: string, address: string): boolean {
  for (let at = text.indexOf(address); at >= 0; at = text.indexOf(address, at + 1))
    if (!/[\w.-]/.test(text.charAt(at + address.length))) return true;
  return false;
}

/** The ARN and the URL of a resource. */
function addressesOf({ props }: PolicyResource): string[] {
  const { arn, url } = props as { readonly arn?: unknown; readonly url?: unknown };
  return [arn, url].filter((address) => typeof address === "string" && address !== "") as string[];
}
