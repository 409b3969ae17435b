/** The parts of an ARN, or of a pattern of one, that policies ask about. */
export interface Arn {
  readonly service: string;
  readonly region: string;
  /** Empty where names are unique beyond accounts, as those of S3's buckets. */
  readonly account: string;
  /** Such as `orders`, `table/orders` or `log-group:orders:*`. */
  readonly resource: string;
}

/** IAM's wildcards. */
const WILDCARDS = /[*?]/;

/** Services whose ARNs have the name at once, without a type (Service Authorization Reference, their resource types). */
const WITHOUT_TYPES = ["codecommit", "execute-api", "s3", "sns", "sqs"];

/** @returns undefined for what has less than the six parts of an ARN, such as `*` */
export function arnOf(text: string): Arn | undefined {
  const [prefix, , service = "", region = "", account = "", ...resource] = text.split(":");
  return prefix === "arn" && resource.length > 0
    ? { service, region, account, resource: resource.join(":") }
    : undefined;
}

/**
 * Whether a resource of a policy is the name of something of one account and service, or at least the beginning of one:
 * `table/orders/stream/*` is, `table/*` and `table/*s` are not.
 */
export function namesResource(pattern: string): boolean {
  const arn = arnOf(pattern);
  if (arn === undefined || WILDCARDS.test(arn.service) || WILDCARDS.test(arn.account)) return false;
  const [first = "", ...rest] = arn.resource.split(/[/:]/).filter((part) => part !== "");
  if (WITHOUT_TYPES.includes(arn.service)) return isName(first);
  const [name] = rest;
  // `table*` is every table too.
  return name === undefined ? !WILDCARDS.test(first) : isName(first) && isName(name);
}

function isName(part: string): boolean {
  return part !== "" && !WILDCARDS.test(part.charAt(0));
}
