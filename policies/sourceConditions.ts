import type { Policies, ResourceValidationPolicy } from "@pulumi/policy";
import { arnOf } from "./lib/arn";
import { isAboutEverybody, statementsOf, type Condition, type Statement } from "./lib/policyDocument";
import { documentsOf, QUEUE_AND_TOPIC_POLICIES, TRUST_POLICIES } from "./lib/policyHolders";

/**
 * A service acts for every customer of AWS: without a condition on whom it acts for, anybody's topic or rule may send
 * (IAM User Guide, "The confused deputy problem").
 */
const sourceCondition: ResourceValidationPolicy = {
  name: "service-principal-source-condition",
  description: "A service may use a queue or a topic only on behalf of what is named.",
  validateResource: (args, report) => {
    for (const document of documentsOf(args, QUEUE_AND_TOPIC_POLICIES)) {
      const statements = statementsOf(document);
      if (statements === undefined)
        report(`The policy of "${args.name}" is no JSON policy document: nobody can tell whom it lets in.`);
      for (const statement of statements ?? []) {
        const strangers = strangersIn(statement);
        if (strangers === undefined) continue;
        report(
          `The policy of "${args.name}" lets in ${strangers} on anybody's behalf. Add a Condition such as {"ArnEquals": ` +
            '{"aws:SourceArn": ARN}} or {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, with a value of your own and ' +
            "without wildcards in the account.",
        );
      }
    }
  },
};

/** What a role may do, whoever takes it may (IAM User Guide, "AWS JSON policy elements: Principal", "All principals"). */
const roleTrust: ResourceValidationPolicy = {
  name: "iam-role-named-principals",
  description: "A role says who may take it.",
  validateResource: (args, report) => {
    for (const document of documentsOf(args, TRUST_POLICIES)) {
      const statements = statementsOf(document);
      if (statements === undefined)
        report(
          `The trust policy of "${args.name}" is no JSON policy document: nobody can tell who takes it.`,
        );
      if (statements?.some((statement) => statement.allows && isOpen(statement)))
        report(
          `Everybody on AWS may take role "${args.name}", and do what it may. Name the service, the role or the account ` +
            "that it is for as Principal.",
        );
    }
  },
};

/** Whoever acts for somebody else says for whom. */
export const sourceConditionPolicies: Policies = [sourceCondition, roleTrust];

/**
 * Operators that hold only where the key is there and equals. `...IfExists` holds without it, and so does `ForAllValues:`
 * (IAM User Guide, "IAM JSON policy elements: Condition operators").
 */
const EQUALS = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$/i;

const isAccount = (value: string) => /^\d{12}$/.test(value);
const isOrganization = (value: string) => /^o-[a-z0-9]{10,32}$/.test(value);
const isOrganizationPath = (value: string) => /^o-[a-z0-9]{10,32}\//.test(value);

/** Keys that say on whose behalf a service acts, and which values of theirs mean somebody. */
const SOURCE_KEYS: Readonly<Record<string, (value: string) => boolean>> = {
  "aws:sourcearn": isOwned,
  "aws:sourceaccount": isAccount,
  "aws:sourceorgid": isOrganization,
  "aws:sourceorgpaths": isOrganizationPath,
};

/** Everybody is also narrowed by who they are; a service has none of these. */
const CALLER_KEYS: typeof SOURCE_KEYS = {
  "aws:principalarn": isOwned,
  "aws:principalaccount": isAccount,
  "aws:principalorgid": isOrganization,
  "aws:principalorgpaths": isOrganizationPath,
};

/** Whom a statement lets in without asking for whom they act. */
function strangersIn(statement: Statement): string | undefined {
  if (!statement.allows) return undefined;
  const services = (statement.principals ?? []).filter(({ type }) => type === "Service").map(({ id }) => id);
  if (services.length > 0 && !holds(statement, SOURCE_KEYS)) return services.join(", ");
  return isOpen(statement) ? "everybody" : undefined;
}

/** Whether a statement speaks of everybody, whoever they are and whomever they act for. */
function isOpen(statement: Statement): boolean {
  const everybody = isAboutEverybody(statement) || statement.notPrincipals !== undefined;
  return everybody && !holds(statement, { ...SOURCE_KEYS, ...CALLER_KEYS });
}

function holds({ conditions }: Statement, keys: typeof SOURCE_KEYS): boolean {
  return conditions.some((condition) => isNarrowed(condition, keys));
}

function isNarrowed({ operator, key, values }: Condition, keys: typeof SOURCE_KEYS): boolean {
  const isSomebody = keys[key.toLowerCase()];
  return isSomebody !== undefined && EQUALS.test(operator) && values.length > 0 && values.every(isSomebody);
}

/** An ARN that leaves the account open is anybody's, unless it has none, as a bucket, and a name. */
function isOwned(value: string): boolean {
  const arn = arnOf(value);
  if (arn === undefined) return false;
  return arn.account === "" ? !/[*?]/.test(arn.resource) : isAccount(arn.account);
}
