import { editing, type Edit, type MutationRule, type Which } from "./mutation";

export interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
  readonly [field: string]: unknown;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

/** A fault of a statement: what it is called, and the statement with it; undefined where it cannot be made. */
type StatementFault = readonly [what: string, (statement: Statement) => Statement | undefined];

/** Puts each of some faults into each statement that allows something, in the policies of a type of resources. */
export function inStatements(
  policy: string,
  type: string,
  faults: readonly StatementFault[],
  which: Which = () => true,
): MutationRule {
  const edits = (document: PolicyDocument) =>
    document.Statement.flatMap((statement, index) =>
      statement.Effect === "Allow"
        ? faults.flatMap(([what, put]) => editOf(document, index, what, put(statement)))
        : [],
    );
  return editing<PolicyDocument>(policy, type, "policy", edits, which);
}

/** Adds a statement to each policy of a type of resources. */
export function withStatement(
  policy: string,
  type: string,
  what: string,
  statement: Statement,
): MutationRule {
  return editing<PolicyDocument>(policy, type, "policy", (document) => [
    { what, document: { ...document, Statement: [...document.Statement, statement] } },
  ]);
}

function editOf(
  document: PolicyDocument,
  at: number,
  what: string,
  changed: Statement | undefined,
): Edit<PolicyDocument>[] {
  if (changed === undefined) return [];
  const statements = document.Statement.map((statement, index) => (index === at ? changed : statement));
  return [{ what: `statement ${at + 1}: ${what}`, document: { ...document, Statement: statements } }];
}

/** A statement's actions as a list. */
export function actionsOf({ Action: action = [] }: Statement): readonly string[] {
  return typeof action === "string" ? [action] : action;
}

/** A statement's resources as a list. */
export function resourcesOf({ Resource: resource = [] }: Statement): readonly string[] {
  return typeof resource === "string" ? [resource] : resource;
}
