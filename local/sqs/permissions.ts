import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { asSqsDenial } from "./errors";
import type { Queue } from "./queues";

/** Asks IAM, the queue's policy and the queue's key whether a caller may do what it wants. */
export class QueuePermissions {
  constructor(
    private readonly iam: Authorizer,
    private readonly keys: KeyAuthorizer,
  ) {}

  /**
   * @param action IAM's name of it; a batch is allowed by the action of its entries (SQS API permissions reference)
   * @throws AwsError `AccessDeniedException`
   */
  check(caller: Caller, action: string, queue: Queue): void {
    denials(() =>
      this.iam.authorize(caller, `sqs:${action}`, queue.arn, { resourcePolicy: queue.settings.policy }),
    );
  }

  /** @throws AwsError `AccessDeniedException` */
  checkAccount(caller: Caller, action: string): void {
    denials(() => this.iam.authorize(caller, `sqs:${action}`, "*"));
  }

  /** A sender needs a data key, and decrypts it again (SQS Developer Guide, "Key management"). */
  checkSendingKey(caller: Caller, queue: Queue): void {
    this.checkKey(caller, queue, "kms:GenerateDataKey");
    this.checkKey(caller, queue, "kms:Decrypt");
  }

  checkReceivingKey(caller: Caller, queue: Queue): void {
    this.checkKey(caller, queue, "kms:Decrypt");
  }

  private checkKey(caller: Caller, queue: Queue, action: string): void {
    const key = queue.settings.kmsMasterKeyId;
    if (key === undefined) return;
    const context = { "kms:EncryptionContext:aws:sqs:arn": queue.arn };
    denials(() => this.keys.authorizeKey(caller, action, key, "sqs", context));
  }
}

function denials(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw asSqsDenial(error);
  }
}
