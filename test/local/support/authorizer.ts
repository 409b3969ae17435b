import type { Authorizer, KeyAuthorizer } from "../../../local/aws/authorizer";

/** Lets everybody do everything, for tests in which permissions play no part. */
export const allowAll: Authorizer & KeyAuthorizer = {
  authorize: () => undefined,
  authorizeKey: () => undefined,
};
