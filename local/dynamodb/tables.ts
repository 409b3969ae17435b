import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import { ACCOUNT_ID } from "../aws/arn";
import type { Caller } from "../aws/caller";
import type { AttributeValue, Item } from "./attributeValue";
import { resourceNotFound } from "./errors";
import type { StoredTable } from "./itemStore";
import { tableContext } from "./streams";

/** What a caller wants of a table. */
export interface TableUse {
  readonly caller: Caller;
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  readonly tableName: string;
  readonly indexName?: string | undefined;
  /** Attributes among which the partition key is, for the condition key `dynamodb:LeadingKeys`. */
  readonly key?: Item | undefined;
  /** Whether items are read or written, which takes the key of an encrypted table. */
  readonly data: boolean;
}

/** The tables that are hosted, and who may do what with them. */
export class Tables {
  private readonly byName = new Map<string, StoredTable>();

  constructor(
    private readonly dependencies: {
      readonly iam: Authorizer;
      readonly keys: KeyAuthorizer;
      readonly region: string;
    },
  ) {}

  host(table: StoredTable): void {
    this.byName.set(table.definition.name, table);
  }

  all(): readonly StoredTable[] {
    return [...this.byName.values()];
  }

  /** A table's name from its name or ARN: "You can also provide the Amazon Resource Name (ARN) of the table". */
  nameOf(nameOrArn: unknown): unknown {
    const prefix = this.arnOf("");
    return typeof nameOrArn === "string" && nameOrArn.startsWith(prefix)
      ? nameOrArn.slice(prefix.length)
      : nameOrArn;
  }

  /**
   * The table, for a caller that may use it so. A caller that may not does not learn whether the table exists.
   *
   * @throws AwsError AccessDeniedException, KMSAccessDeniedException or ResourceNotFoundException
   */
  open({ caller, action, tableName, indexName, key, data }: TableUse): StoredTable {
    const { iam, keys } = this.dependencies;
    const table = this.byName.get(tableName);
    const arn = this.arnOf(tableName);
    const leadingKey = table && key?.[table.definition.key.partition.name];
    iam.authorize(
      caller,
      action,
      indexName === undefined ? arn : `${arn}/index/${indexName}`,
      leadingKey && { context: { "dynamodb:LeadingKeys": conditionText(leadingKey) } },
    );
    if (!table)
      throw resourceNotFound(
        data ? undefined : `Requested resource not found: Table: ${tableName} not found`,
      );
    const { keyArn } = table.definition.encryption;
    if (data && keyArn !== undefined)
      keys.authorizeKey(caller, "kms:Decrypt", keyArn, "dynamodb", tableContext(tableName));
    return table;
  }

  private arnOf(tableName: string): string {
    return `arn:aws:dynamodb:${this.dependencies.region}:${ACCOUNT_ID}:table/${tableName}`;
  }
}

function conditionText(value: AttributeValue): string {
  if ("S" in value) return value.S;
  if ("N" in value) return value.N;
  return "B" in value ? value.B : "";
}
