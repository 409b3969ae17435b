import type { DecisionObserver } from "../../local/iam/iam";
import type { Permission } from "./permissions";

/** What IAM was asked during a run. */
export class Observation {
  readonly asked = new Set<Permission>();
  /** Of those, the ones that were not there any more. */
  readonly denied = new Set<Permission>();
  /** What roles asked for and the program never gave them. */
  readonly foreign = new Set<string>();

  /** @param permissions that the program gives, whether or not this run takes one away */
  constructor(private readonly permissions: readonly Permission[]) {}

  readonly onDecision: DecisionObserver = (action, resource, request, evaluation) => {
    const { caller } = request;
    const covering = this.permissions.filter((permission) => permission.covers(action, resource, request));
    for (const permission of covering) {
      this.asked.add(permission);
      if (permission.isMissedIn(evaluation)) this.denied.add(permission);
    }
    if (caller.type === "role" && !covering.some(({ isOfRole }) => isOfRole))
      this.foreign.add(`${caller.roleArn}: ${action} on ${resource}`);
  };
}
