import { ACCOUNT_ID } from "../aws/arn";
import type { Caller } from "../aws/caller";
import { principalName } from "./context";

/**
 * How a statement's `Principal` covers a caller: `account` means by naming its whole account. In an Allow that only
 * hands the decision to the account's identity policies (IAM User Guide, "AWS account principals"); in a Deny it
 * reaches everyone in it.
 */
export type Coverage = "none" | "account" | "direct";

const ACCOUNT_PRINCIPALS = new Set([ACCOUNT_ID, `arn:aws:iam::${ACCOUNT_ID}:root`]);
const AWS_PRINCIPAL = /^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+)$/;
const SERVICE_PRINCIPAL = /^[a-z0-9.-]+\.amazonaws\.com$/;

/**
 * Compiles the `Principal` of a resource's policy.
 *
 * @throws Error that names a principal which the local run has no callers for
 */
export function compilePrincipal(principal: "*" | Readonly<Record<string, string | readonly string[]>>) {
  if (principal === "*") return (): Coverage => "direct";
  const aws = new Set<string>();
  const services = new Set<string>();
  for (const [kind, value] of Object.entries(principal)) {
    for (const name of typeof value === "string" ? [value] : value) {
      if (kind === "AWS" && AWS_PRINCIPAL.test(name)) aws.add(name);
      else if (kind === "Service" && SERVICE_PRINCIPAL.test(name)) services.add(name);
      else throw new Error(`the principal {"${kind}": "${name}"}`);
    }
  }
  const everyone = aws.has("*");
  const account = [...aws].some((name) => ACCOUNT_PRINCIPALS.has(name));
  return (caller: Caller): Coverage => {
    if (everyone) return "direct";
    if (caller.type === "service") return services.has(caller.service) ? "direct" : "none";
    if (caller.type === "role" && (aws.has(caller.roleArn) || aws.has(principalName(caller))))
      return "direct";
    return account ? "account" : "none";
  };
}
