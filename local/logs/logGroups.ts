import * as z from "zod";
import { parseArn } from "../aws/arn";
import type { AwsDocument } from "../aws/api";
import { optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource } from "../aws/resource";

/** A hosted log group. */
export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that some places add. */
  readonly arn: string;
  /** Undefined when events never expire. */
  readonly retentionInDays: number | undefined;
  readonly kmsKeyId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const INPUTS = z.strictObject({
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  retentionInDays: z.number().int().nonnegative().optional(),
  kmsKeyId: z.string().optional(),
  logGroupClass: z.literal("STANDARD").optional(),
  // Without effect here: nothing is ever destroyed, and there is no bill.
  skipDestroy: z.boolean().optional(),
  deletionProtectionEnabled: z.boolean().optional(),
  region: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  tagsAll: z.record(z.string(), z.string()).optional(),
});

const OUTPUTS = z.object({ name: z.string(), arn: z.string() });

/** The log groups of the graph. */
export class LogGroups {
  private readonly groups = new Map<string, LogGroup>();

  /** @param open opens the group in the store and tells when it was created */
  add(resource: Resource, open: (name: string) => number): LogGroup {
    const { retentionInDays, kmsKeyId } = readInputs(resource, INPUTS);
    const { name, arn } = readOutputs(resource, OUTPUTS);
    const group = {
      name,
      arn: arn.replace(/:\*$/, ""),
      retentionInDays: retentionInDays === 0 ? undefined : retentionInDays,
      kmsKeyId,
      createdAt: open(name),
    };
    this.groups.set(name, group);
    return group;
  }

  has(name: string): boolean {
    return this.groups.has(name);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  get(name: string): LogGroup {
    const group = this.groups.get(name);
    if (group === undefined)
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  all(): readonly LogGroup[] {
    return [...this.groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * The group that a request names by `logGroupName`, or by name or ARN in `logGroupIdentifier`.
   *
   * @throws AwsError `InvalidParameterException` when it names none or two, `ResourceNotFoundException`
   */
  named(input: AwsDocument): LogGroup {
    const name = optionalString(input, "logGroupName");
    const identifier = optionalString(input, "logGroupIdentifier");
    const given = name ?? identifier;
    if (given === undefined || (name !== undefined && identifier !== undefined))
      throw new AwsError(
        "InvalidParameterException",
        "Exactly one of logGroupName and logGroupIdentifier must be given.",
      );
    return this.get(groupNameOf(given));
  }
}

/** The name in a group's name or ARN. */
export function groupNameOf(identifier: string): string {
  if (!identifier.startsWith("arn:")) return identifier;
  return parseArn(identifier)
    .resource.replace(/^log-group:/, "")
    .replace(/:\*$/, "");
}

/** The time before which the group's events have expired. */
export function expiryOf(group: LogGroup, now: number): number {
  return group.retentionInDays === undefined ? -Infinity : now - group.retentionInDays * DAY_MS;
}
