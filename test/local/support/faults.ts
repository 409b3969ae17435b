import type { AwsApi, AwsDocument } from "../../../local/aws/api";
import type { Caller } from "../../../local/aws/caller";
import type { FaultPlan, FaultRule } from "../../../local/faults/rules";

/** Who faults are for: the administrator sees none. */
export const ROLE: Caller = {
  type: "role",
  roleArn: "arn:aws:iam::123456789012:role/worker",
  sessionName: "work",
};

export function planOf(...rules: readonly FaultRule[]): FaultPlan {
  return { seed: 1, rules: [...rules] };
}

/** A service that does nothing but count what it did. */
export class Counted implements AwsApi {
  readonly done: string[] = [];

  call(action: string): Promise<AwsDocument> {
    this.done.push(action);
    return Promise.resolve({ number: this.done.length });
  }
}
