import type { Caller } from "./caller";

/** A policy document as IAM writes it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: unknown;
}

/** Decides who may do what. */
export interface Authorizer {
  /**
   * Returns when the call is allowed: by the caller's role, or by the resource's own policy; never against a Deny.
   *
   * @param action such as `sqs:SendMessage`
   * @param resource the ARN that the action is done to, `*` where the action has none
   * @param options.context condition keys of the request, such as `aws:SourceArn`; those of the caller are added
   * @param options.resourcePolicy the resource's own policy; a caller that is a service is allowed by it alone
   * @throws AwsError `AccessDeniedException` (status 403) with IAM's wording
   */
  authorize(
    caller: Caller,
    action: string,
    resource: string,
    options?: {
      readonly context?: Readonly<Record<string, string>>;
      readonly resourcePolicy?: PolicyDocument | undefined;
    },
  ): void;
}

/** The keys of the account. */
export interface KeyAuthorizer {
  /**
   * Returns when the caller may use the key through a service, as an encrypted queue, topic, table or log group asks.
   *
   * @param action such as `kms:Decrypt`
   * @param key the key's ARN or id, or an alias
   * @param via the service on whose behalf, as `kms:ViaService` names it, such as `sqs`
   * @param context further condition keys, such as `kms:EncryptionContext:aws:logs:arn`
   * @throws AwsError `KMSAccessDeniedException` when the role or the key's policy does not allow it
   */
  authorizeKey(
    caller: Caller,
    action: string,
    key: string,
    via: string,
    context?: Readonly<Record<string, string>>,
  ): void;
}
