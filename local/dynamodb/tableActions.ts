import type { AwsDocument } from "../aws/api";
import type { Authorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { createHash } from "node:crypto";
import type { Clock } from "../clock";
import type { ItemStore, StoredIndex, StoredTable } from "./itemStore";
import { REQUESTS } from "./requests";
import type { Stream } from "./streamStore";
import { keyAttributes } from "./keys";
import type { KeySchema } from "./tableDefinition";
import type { Tables } from "./tables";

/** The parts of the service that describe tables. */
export interface TableServices {
  readonly tables: Tables;
  readonly items: ItemStore;
  readonly iam: Authorizer;
  readonly clock: Clock;
  streamOf(table: StoredTable): Stream | undefined;
}

const MAX_TABLE_NAMES = 100;

export function describeTable(services: TableServices, input: AwsDocument, caller: Caller): AwsDocument {
  const { TableName: tableName } = REQUESTS.DescribeTable(input);
  const table = services.tables.open({ caller, action: "dynamodb:DescribeTable", tableName, data: false });
  return { Table: tableDescription(services, table) };
}

export function listTables(services: TableServices, input: AwsDocument, caller: Caller): AwsDocument {
  const { ExclusiveStartTableName: start, Limit: limit = MAX_TABLE_NAMES } = REQUESTS.ListTables(input);
  services.iam.authorize(caller, "dynamodb:ListTables", "*");
  const names = services.tables
    .all()
    .map(({ definition }) => definition.name)
    .filter((name) => start === undefined || name > start)
    .sort();
  const page = names.slice(0, limit);
  return { TableNames: page, ...(page.length < names.length && { LastEvaluatedTableName: page.at(-1) }) };
}

export function describeTimeToLive(services: TableServices, input: AwsDocument, caller: Caller): AwsDocument {
  const { TableName: tableName } = REQUESTS.DescribeTimeToLive(input);
  const { tables } = services;
  const table = tables.open({ caller, action: "dynamodb:DescribeTimeToLive", tableName, data: false });
  const { ttlAttribute } = table.definition;
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: "DISABLED" }
        : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute },
  };
}

export function describeContinuousBackups(
  services: TableServices,
  input: AwsDocument,
  caller: Caller,
): AwsDocument {
  const { TableName: tableName } = REQUESTS.DescribeContinuousBackups(input);
  const { tables, clock } = services;
  const table = tables.open({ caller, action: "dynamodb:DescribeContinuousBackups", tableName, data: false });
  const { enabled, days } = table.definition.pointInTimeRecovery;
  const earliest = Math.max(table.createdAt, clock.now() - days * 24 * 60 * 60 * 1000);
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: enabled
        ? {
            PointInTimeRecoveryStatus: "ENABLED",
            RecoveryPeriodInDays: days,
            EarliestRestorableDateTime: earliest / 1000,
            LatestRestorableDateTime: clock.now() / 1000,
          }
        : { PointInTimeRecoveryStatus: "DISABLED" },
    },
  };
}

function tableDescription({ items, streamOf }: TableServices, table: StoredTable): AwsDocument {
  const { definition, createdAt, indexes } = table;
  const size = items.sizeOf(table);
  const stream = streamOf(table);
  const keys = [definition.key, ...definition.indexes.map((index) => index.key)];
  const attributes = new Map(keys.flatMap(keyAttributes).map(({ name, type }) => [name, type]));
  return {
    TableName: definition.name,
    TableArn: definition.arn,
    TableId: tableId(definition.arn, createdAt),
    TableStatus: "ACTIVE",
    CreationDateTime: createdAt / 1000,
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: describeKey(definition.key),
    ItemCount: size.items,
    TableSizeBytes: size.bytes,
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    ...(definition.billingMode === "PAY_PER_REQUEST" && {
      BillingModeSummary: { BillingMode: definition.billingMode },
    }),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => describeIndex(items, definition.arn, index)),
    }),
    ...(stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
      LatestStreamArn: stream.arn,
      LatestStreamLabel: stream.label,
    }),
    ...(definition.encryption.kms && { SSEDescription: describeEncryption(definition.encryption.keyArn) }),
    TableClassSummary: { TableClass: definition.tableClass },
    DeletionProtectionEnabled: definition.deletionProtection,
  };
}

function describeIndex(items: ItemStore, tableArn: string, index: StoredIndex): AwsDocument {
  const { name, key, projection, nonKeyAttributes } = index.definition;
  return {
    IndexName: name,
    IndexArn: `${tableArn}/index/${name}`,
    IndexStatus: "ACTIVE",
    KeySchema: describeKey(key),
    Projection: {
      ProjectionType: projection,
      ...(projection === "INCLUDE" && { NonKeyAttributes: nonKeyAttributes }),
    },
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    ItemCount: items.entriesOf(index),
  };
}

/** The key's members as the API lists them. */
export function describeKey({ partition, sort }: KeySchema): AwsDocument[] {
  return [
    { AttributeName: partition.name, KeyType: "HASH" },
    ...(sort ? [{ AttributeName: sort.name, KeyType: "RANGE" }] : []),
  ];
}

/** A table with the key that AWS manages names no key here: the account has none. */
function describeEncryption(keyArn: string | undefined): AwsDocument {
  return { Status: "ENABLED", SSEType: "KMS", ...(keyArn !== undefined && { KMSMasterKeyArn: keyArn }) };
}

/** A UUID that stays the same for as long as the table does. */
function tableId(arn: string, createdAt: number): string {
  const hex = createHash("md5").update(`${arn} ${createdAt}`).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
