import * as z from "zod";
import type { Resource } from "./resource";

/**
 * Reads what a program gave a resource.
 *
 * @param schema strict: a property that it does not list is one that the local run would ignore
 * @throws Error that names the resource and the properties which are unknown or malformed
 */
export function readInputs<T>(resource: Resource, schema: z.ZodType<T>): T {
  return read(resource, resource.inputs, schema);
}

/** Reads what the provider computed for a resource, such as its ARN; other properties are left alone. */
export function readOutputs<T>(resource: Resource, schema: z.ZodType<T>): T {
  return read(resource, resource.outputs, schema);
}

function read<T>(resource: Resource, properties: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const problems = z.prettifyError(parsed.error);
  throw new Error(`The local run cannot host the ${resource.type} "${resource.name}": ${problems}`);
}
