import type { RequestContext } from "./context";
import { readPolicy } from "./document";
import { compileStatement, type PolicyKind, type Statement } from "./statement";

/** What a policy says about a request. An explicit Deny wins over every Allow, of whichever policy. */
export interface Verdict {
  readonly denied: boolean;
  /** Some Allow names the caller itself, everyone, or (an identity policy) needs no principal. */
  readonly allowed: boolean;
  /** Some Allow names the caller's account, and so leaves the decision to its identity policies. */
  readonly delegated: boolean;
}

/** A policy document that is ready to be asked. */
export class Policy {
  private constructor(private readonly statements: readonly Statement[]) {}

  /**
   * Compiles a policy document.
   *
   * @param document the JSON text, or what it says
   * @param name what an error calls the policy, such as `The trust policy of the role "x"`
   * @throws Error that names the policy and what in it is malformed or cannot be decided by the local run
   */
  static compile(document: unknown, name: string, kind: PolicyKind): Policy {
    const { Version, Statement } = readPolicy(document, name);
    try {
      return new Policy(Statement.map((each) => compileStatement(each, kind, Version === "2012-10-17")));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${name} has ${reason}: the local run does not support that.`, { cause: error });
    }
  }

  /** @param action such as `sqs:SendMessage` */
  evaluate(action: string, resource: string, context: RequestContext): Verdict {
    let denied = false;
    let allowed = false;
    let delegated = false;
    for (const statement of this.statements) {
      if (!statement.matchesAction(action)) continue;
      const coverage = statement.covers(context.caller);
      if (coverage === "none") continue;
      if (!statement.matchesResource(resource, context) || !statement.holds(context)) continue;
      if (statement.denies) denied = true;
      else if (coverage === "direct") allowed = true;
      else delegated = true;
    }
    return { denied, allowed, delegated };
  }
}
