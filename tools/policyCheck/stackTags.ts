import * as z from "zod";
import { type StackConfig, StackConfigError } from "../../local/engine/stackConfig";

const TAGS_KEY = "pulumi:tags";

const tagsSchema = z.record(z.string(), z.string());

/**
 * The stack's tags that its configuration sets (pulumi/pulumi, pkg/backend/stack.go, GetEnvironmentTagsForCurrentStack).
 * Those that Pulumi's service keeps or takes from git are not here.
 *
 * @throws StackConfigError when they are not texts
 */
export function stackTags({ stack, values }: StackConfig): Readonly<Record<string, string>> {
  const tags = tagsSchema.safeParse(parsed(values[TAGS_KEY] ?? "{}"));
  if (tags.success) return tags.data;
  throw new StackConfigError(
    `Stack "${stack}": the configuration key "${TAGS_KEY}" must be an object of texts. Correct it in Pulumi.${stack}.yaml.`,
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
