import * as dynamodb from "@pulumi/aws/dynamodb";
import * as pulumi from "@pulumi/pulumi";
import { ORDERS_TABLE } from "../contracts/orderRecord";
import type { Metric } from "./alarm";
import type { EncryptionKey } from "./encryptionKey";
import { allow, type PolicyStatement } from "./iam";

export interface OrderTableArgs {
  readonly key: EncryptionKey;
  /** Deletion protection by AWS, and `pulumi destroy` refuses. */
  readonly protect: boolean;
  /** What the table and its indexes take at once without having to warm up, in units per second; 0 leaves it to AWS. */
  readonly warmThroughput: { readonly readUnits: number; readonly writeUnits: number };
}

/** Hop 4: the orders, one item each, and the stream of what changes in them. */
export class OrderTable extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly streamArn: pulumi.Output<string>;
  private readonly key: EncryptionKey;

  constructor(name: string, args: OrderTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:OrderTable", name, {}, opts);
    this.key = args.key;
    const { partitionKey, sortKey, byOrderId, undelivered } = ORDERS_TABLE;
    const warm = warmThroughput(args.warmThroughput);
    const table = new dynamodb.Table(
      name,
      {
        billingMode: "PAY_PER_REQUEST",
        hashKey: partitionKey,
        rangeKey: sortKey,
        // Only what is a key somewhere: another attribute here would show as a change at every update.
        attributes: [
          { name: partitionKey, type: "S" },
          { name: sortKey, type: "S" },
          { name: undelivered.partitionKey, type: "N" },
          { name: undelivered.sortKey, type: "S" },
        ],
        globalSecondaryIndexes: [
          {
            name: byOrderId.name,
            keySchemas: [{ attributeName: byOrderId.partitionKey, keyType: "HASH" }],
            projectionType: "KEYS_ONLY",
            ...warm,
          },
          {
            name: undelivered.name,
            keySchemas: [
              { attributeName: undelivered.partitionKey, keyType: "HASH" },
              { attributeName: undelivered.sortKey, keyType: "RANGE" },
            ],
            projectionType: "KEYS_ONLY",
            ...warm,
          },
        ],
        ...warm,
        streamEnabled: true,
        streamViewType: "NEW_IMAGE",
        serverSideEncryption: { enabled: true, kmsKeyArn: args.key.arn },
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: args.protect,
      },
      { parent: this, protect: args.protect },
    );
    this.arn = table.arn;
    this.name = table.name;
    this.streamArn = table.streamArn;
    this.registerOutputs({ arn: this.arn, name: this.name, streamArn: this.streamArn });
  }

  /** A metric that DynamoDB keeps of the table as a whole. */
  metric(name: string): Metric {
    return { namespace: "AWS/DynamoDB", name, dimensions: { TableName: this.name } };
  }

  /**
   * Lets a role do certain things to the table's items. DynamoDB uses the key in the name of whoever calls it.
   *
   * @param actions such as `dynamodb:PutItem`
   */
  allowItems(actions: readonly string[]): PolicyStatement[] {
    return [allow(actions, this.arn), this.allowKey()];
  }

  /** Lets a role read the index of undelivered orders; the key comes with `allowItems`. */
  allowUndelivered(actions: readonly string[]): PolicyStatement {
    return allow(actions, pulumi.interpolate`${this.arn}/index/${ORDERS_TABLE.undelivered.name}`);
  }

  /** Lets a function's role be fed from the stream (Lambda Developer Guide, DynamoDB event sources, permissions). */
  allowStream(): PolicyStatement[] {
    return [
      allow(
        [
          "dynamodb:DescribeStream",
          "dynamodb:GetRecords",
          "dynamodb:GetShardIterator",
          "dynamodb:ListStreams",
        ],
        pulumi.interpolate`${this.arn}/stream/*`,
      ),
      this.allowKey(),
    ];
  }

  /**
   * What a principal needs of an encrypted table's key; the guide has `ReEncrypt*` and `GenerateDataKey*`, and names the
   * operations that they are for (DynamoDB Developer Guide, "How DynamoDB uses AWS KMS", authorizing use of the key).
   */
  private allowKey(): PolicyStatement {
    return this.key.allowThrough("dynamodb", [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:DescribeKey",
    ]);
  }
}

function warmThroughput({ readUnits, writeUnits }: OrderTableArgs["warmThroughput"]) {
  if (readUnits === 0 && writeUnits === 0) return {};
  return {
    warmThroughput: {
      ...(readUnits > 0 && { readUnitsPerSecond: readUnits }),
      ...(writeUnits > 0 && { writeUnitsPerSecond: writeUnits }),
    },
  };
}
