/** The principal of a call. */
export type Caller =
  /** Whoever brings credentials that the run did not hand out: an operator's tool, the AWS CLI. May do everything. */
  | { readonly type: "administrator" }
  /** A session of a role that a function, an API method or a state machine assumed. */
  | { readonly type: "role"; readonly roleArn: string; readonly sessionName: string }
  /** A service acting by itself, such as `sns.amazonaws.com` delivering for a topic (`sourceArn`). */
  | { readonly type: "service"; readonly service: string; readonly sourceArn: string };

export const ADMINISTRATOR: Caller = { type: "administrator" };
