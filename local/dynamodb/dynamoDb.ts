import type { AwsApi, AwsDocument } from "../aws/api";
import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Cancel, Clock } from "../clock";
import type { Store } from "../store";
import { batchGetItem, batchWriteItem } from "./batchActions";
import { Changes } from "./changes";
import { fromDynalite } from "./errors";
import { deleteItem, getItem, putItem, updateItem } from "./itemActions";
import { ItemStore, type StoredTable } from "./itemStore";
import { query } from "./query";
import { scan } from "./scan";
import { StreamActions } from "./streamActions";
import { Streams } from "./streams";
import { StreamStore, type Stream } from "./streamStore";
import { describeContinuousBackups, describeTable, describeTimeToLive, listTables } from "./tableActions";
import { readTable } from "./tableDefinition";
import { Tables } from "./tables";
import { Transactions } from "./transactions";

/** What the service needs of the local run. */
export interface DynamoDbDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly iam: Authorizer;
  readonly keys: KeyAuthorizer;
  readonly region: string;
}

type Action = (input: AwsDocument, caller: Caller) => AwsDocument;

/** How often expired items and old stream records are looked for. AWS deletes an expired item "within a few days". */
const HOUSEKEEPING_MS = 60_000;

/** Actions that would change tables: those are the program's. */
const TABLE_CHANGES = new Set([
  "CreateTable",
  "UpdateTable",
  "DeleteTable",
  "UpdateTimeToLive",
  "UpdateContinuousBackups",
]);

/** DynamoDB and DynamoDB Streams, over the embedded store. */
export class DynamoDb implements AwsApi, ResourceHost {
  readonly hosts = { "aws:dynamodb/table:Table": (resource: Resource) => this.host(resource) };
  /** The streams, for event source mappings. */
  readonly streams: Pick<Streams, "shards" | "latest" | "read" | "wait">;

  private readonly allStreams: Streams;
  private readonly items: ItemStore;
  private readonly streamStore: StreamStore;
  private readonly tables: Tables;
  private readonly changes: Changes;
  private readonly streamOf = new Map<StoredTable, Stream>();
  private readonly actions: ReadonlyMap<string, Action>;
  private cancelHousekeeping: Cancel = () => undefined;

  constructor(private readonly dependencies: DynamoDbDependencies) {
    const { store } = dependencies;
    this.items = new ItemStore(store);
    this.streamStore = new StreamStore(store);
    this.tables = new Tables(dependencies);
    this.allStreams = new Streams(this.streamStore, dependencies);
    this.streams = this.allStreams;
    const { items, streamStore, allStreams: streams } = this;
    this.changes = new Changes({ ...dependencies, items, streamStore, streams });
    this.actions = this.actionTable();
  }

  async call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const run = this.actions.get(action);
    if (!run) throw unknownAction(action);
    try {
      return run({ ...input, ...this.plainTableName(input) }, caller);
    } catch (error) {
      throw fromDynalite(error);
    }
  }

  start(): void {
    this.cancelHousekeeping = this.dependencies.clock.after(HOUSEKEEPING_MS, () => {
      for (const table of this.tables.all())
        if (table.definition.ttlAttribute) this.changes.deleteExpired(table);
      this.allStreams.trim();
      this.start();
    });
  }

  stop(): void {
    this.cancelHousekeeping();
  }

  private host(resource: Resource): void {
    const definition = readTable(resource);
    const now = this.dependencies.clock.now();
    const table = this.items.open(definition, now);
    this.tables.host(table);
    if (!definition.stream) return;
    const { arn, viewType } = definition.stream;
    const stream = this.streamStore.open(arn, definition.name, viewType, now);
    this.streamOf.set(table, stream);
    this.changes.record(table, stream);
    this.allStreams.host({ stream, tableName: definition.name, keyArn: definition.encryption.keyArn });
  }

  private actionTable(): ReadonlyMap<string, Action> {
    const { tables, items, changes, allStreams: streams } = this;
    const { iam, clock } = this.dependencies;
    const itemServices = { tables, items, changes };
    const tableServices = {
      tables,
      items,
      iam,
      clock,
      streamOf: (table: StoredTable) => this.streamOf.get(table),
    };
    const bind = <S>(
      services: S,
      run: (services: S, input: AwsDocument, caller: Caller) => AwsDocument,
    ): Action => run.bind(undefined, services);
    const transactions = new Transactions(itemServices, clock);
    const streamActions = new StreamActions({ streams, tables, iam, clock });
    return new Map<string, Action>([
      ["GetItem", bind(itemServices, getItem)],
      ["PutItem", bind(itemServices, putItem)],
      ["UpdateItem", bind(itemServices, updateItem)],
      ["DeleteItem", bind(itemServices, deleteItem)],
      ["Query", bind(itemServices, query)],
      ["Scan", bind(itemServices, scan)],
      ["BatchGetItem", bind(itemServices, batchGetItem)],
      ["BatchWriteItem", bind(itemServices, batchWriteItem)],
      ["TransactGetItems", (input, caller) => transactions.getItems(input, caller)],
      ["TransactWriteItems", (input, caller) => transactions.writeItems(input, caller)],
      ["DescribeTable", bind(tableServices, describeTable)],
      ["ListTables", bind(tableServices, listTables)],
      ["DescribeTimeToLive", bind(tableServices, describeTimeToLive)],
      ["DescribeContinuousBackups", bind(tableServices, describeContinuousBackups)],
      ["ListStreams", (input, caller) => streamActions.listStreams(input, caller)],
      ["DescribeStream", (input, caller) => streamActions.describeStream(input, caller)],
      ["GetShardIterator", (input, caller) => streamActions.getShardIterator(input, caller)],
      ["GetRecords", (input, caller) => streamActions.getRecords(input, caller)],
    ]);
  }

  private plainTableName({ TableName }: AwsDocument): AwsDocument {
    return TableName === undefined ? {} : { TableName: this.tables.nameOf(TableName) };
  }
}

function unknownAction(action: string): AwsError {
  if (TABLE_CHANGES.has(action))
    return new AwsError(
      "ValidationException",
      `${action} is refused: the program defines the tables of the local run. Change the program and start it again.`,
    );
  return new AwsError(
    "UnknownOperationException",
    `The operation ${action} is not supported by the local DynamoDB.`,
  );
}
