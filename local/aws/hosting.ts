import * as z from "zod";
import type { Resource } from "./resource";

/** Properties that AWS resource types share and that have no meaning for the local run. */
export const IRRELEVANT = {
  region: z.string().optional(),
  tags: z.unknown().optional(),
  tagsAll: z.unknown().optional(),
};

/** A document that Pulumi takes as JSON text or as an object; read as text. */
export const jsonText = z.union([
  z.string(),
  z.looseObject({}).transform((document) => JSON.stringify(document)),
]);

/**
 * Makes a resource type's host out of the schema of its inputs.
 *
 * @returns a function that throws an Error with the resource's type and name when an input is unknown or invalid, or
 * when hosting fails
 */
export function hosting<Inputs>(
  schema: z.ZodType<Inputs>,
  host: (inputs: Inputs, resource: Resource) => void,
): (resource: Resource) => void {
  return (resource) => {
    try {
      host(schema.parse(resource.inputs), resource);
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Error(`Cannot host ${resource.type} "${resource.name}": ${reason}`, { cause: error });
    }
  };
}
