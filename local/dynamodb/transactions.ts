import { createHash } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Clock } from "../clock";
import { consumedCapacities, readUnits, writeUnits } from "./capacity";
import { validationError } from "./errors";
import { read, type ItemServices } from "./itemActions";
import type { ItemChange, StoredTable } from "./itemStore";
import type { ItemKey } from "./keys";
import { REQUESTS, type TransactAction, type TransactKind, type TransactWriteItemsInput } from "./requests";
import { planCheck, planDelete, planPut, planUpdate } from "./writes";

/** "A client request token is valid for 10 minutes after the first request that uses it is completed." */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;
/** "The aggregate size of the items in the transaction cannot exceed 4 MB." */
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

/** The permission for each kind of action: there is none for a transaction itself. */
const PERMISSIONS: Readonly<Record<TransactKind, string>> = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  ConditionCheck: "dynamodb:ConditionCheckItem",
};

interface Step {
  readonly kind: TransactKind;
  readonly action: TransactAction;
  readonly table: StoredTable;
}

/** What a step comes to: the change it makes, none for a mere check. */
interface Plan {
  readonly table: StoredTable;
  readonly key: ItemKey;
  readonly change?: ItemChange;
}

/** Transactions on items, with the memory of the tokens that make a repeated request harmless. */
export class Transactions {
  private readonly tokens = new Map<string, { readonly hash: string; readonly expiresAt: number }>();

  constructor(
    private readonly services: ItemServices,
    private readonly clock: Clock,
  ) {}

  /** Reads up to 100 items at one moment. */
  getItems(input: AwsDocument, caller: Caller): AwsDocument {
    const request = REQUESTS.TransactGetItems(input);
    const units = new Map<string, number>();
    const steps = request.TransactItems.map(({ Get }) => ({
      get: Get,
      table: this.services.tables.open({
        caller,
        action: "dynamodb:GetItem",
        tableName: Get.TableName,
        key: Get.Key,
        data: true,
      }),
    }));
    const Responses = steps.map(({ get, table }) => {
      const { item, sizeBytes } = read(this.services.items, table, get);
      units.set(get.TableName, (units.get(get.TableName) ?? 0) + 2 * readUnits(sizeBytes, true));
      return item ? { Item: item } : {};
    });
    return { Responses, ...consumedCapacities(request, units) };
  }

  /**
   * Makes up to 100 changes, or none of them.
   *
   * @throws AwsError TransactionCanceledException with a reason for each action when a condition fails or an action
   *   is invalid
   */
  writeItems(input: AwsDocument, caller: Caller): AwsDocument {
    const request = REQUESTS.TransactWriteItems(input);
    const steps = request.TransactItems.map((item) => this.step(item, caller));
    if (this.isRepeated(request)) return {};
    const plans = this.plan(steps);
    refuseSameItem(plans);
    const changes = plans.flatMap(({ change }) => (change ? [change] : []));
    const bytes = changes.reduce((sum, { after }) => sum + (after?.sizeBytes ?? 0), 0);
    if (bytes > MAX_TRANSACTION_BYTES)
      throw validationError("Transaction request cannot exceed the maximum size of 4 MB");
    this.services.changes.commit(changes);
    this.remember(request);
    return consumedCapacities(request, transactionUnits(changes));
  }

  private step(item: TransactWriteItemsInput["TransactItems"][number], caller: Caller): Step {
    const [entry, ...more] = Object.entries(item) as [TransactKind, TransactAction][];
    if (!entry || more.length > 0)
      throw validationError("TransactItems can only contain one of Check, Put, Update or Delete");
    const [kind, action] = entry;
    const key = kind === "Put" ? action.Item : action.Key;
    const table = this.services.tables.open({
      caller,
      action: PERMISSIONS[kind],
      tableName: action.TableName,
      key,
      data: true,
    });
    return { kind, action, table };
  }

  private plan(steps: readonly Step[]): Plan[] {
    const plans: Plan[] = [];
    const failures = steps.map((step) => {
      try {
        plans.push(this.planStep(step));
        return undefined;
      } catch (error) {
        if (error instanceof AwsError) return error;
        throw error;
      }
    });
    if (failures.some((failure) => failure)) throw canceled(failures);
    return plans;
  }

  private planStep({ kind, action, table }: Step): Plan {
    const { items } = this.services;
    if (kind === "Put") {
      const change = planPut(items, table, { ...action, Item: action.Item ?? {} });
      return { table, key: change.key, change };
    }
    const keyed = { ...action, Key: action.Key ?? {} };
    if (kind === "ConditionCheck") {
      if (action.ConditionExpression === undefined)
        throw validationError("The expression can not be empty; ConditionCheck needs a ConditionExpression");
      return { table, key: planCheck(items, table, keyed).key };
    }
    const change =
      kind === "Delete" ? planDelete(items, table, keyed) : planUpdate(items, table, keyed).change;
    return { table, key: change.key, change };
  }

  private isRepeated(request: TransactWriteItemsInput): boolean {
    const { ClientRequestToken: token } = request;
    const known = token === undefined ? undefined : this.tokens.get(token);
    if (!known || known.expiresAt <= this.clock.now()) return false;
    if (known.hash === hashOf(request)) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical",
    );
  }

  private remember(request: TransactWriteItemsInput): void {
    const { ClientRequestToken: token } = request;
    const now = this.clock.now();
    for (const [old, { expiresAt }] of this.tokens) {
      if (expiresAt > now) break;
      this.tokens.delete(old);
    }
    if (token === undefined) return;
    this.tokens.delete(token);
    this.tokens.set(token, { hash: hashOf(request), expiresAt: now + TOKEN_LIFETIME_MS });
  }
}

function hashOf({ TransactItems }: TransactWriteItemsInput): string {
  return createHash("sha256").update(JSON.stringify(TransactItems)).digest("base64");
}

function refuseSameItem(plans: readonly Plan[]): void {
  const items = new Set(plans.map(({ table, key }) => JSON.stringify([table.id, key.partition, key.sort])));
  if (items.size < plans.length)
    throw validationError("Transaction request cannot include multiple operations on one item");
}

/** Reasons in the order of the actions; the code of those that were in order is `None`. */
function canceled(failures: readonly (AwsError | undefined)[]): AwsError {
  const reasons = failures.map((failure) =>
    failure ? { Code: reasonCode(failure), Message: failure.message, ...failure.fields } : { Code: "None" },
  );
  return new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );
}

function reasonCode({ code }: AwsError): string {
  return code === "ConditionalCheckFailedException" ? "ConditionalCheckFailed" : "ValidationError";
}

/** A transaction reads and writes every item twice: to prepare, and to commit. */
function transactionUnits(changes: readonly ItemChange[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { table, before, after } of changes) {
    const { name } = table.definition;
    units.set(name, (units.get(name) ?? 0) + 2 * writeUnits(before?.sizeBytes, after?.sizeBytes));
  }
  return units;
}
