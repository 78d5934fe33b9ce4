import { type EnvironmentName, tableSchemas } from '@nightdesk/core';
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  type StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import type { DataKey } from './data-key.ts';
import type { Grantee } from './grantee.ts';
import { acknowledge } from './rules.ts';

interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

/** Keys and indexes as `tableSchemas` of the core describes them. */
export interface TableSchema extends KeySchema {
  readonly timeToLive?: string;
  readonly indexes?: Readonly<Record<string, KeySchema & { readonly name: string }>>;
}

export interface DeskTableProps {
  readonly settings: StageSettings;
  readonly schema: TableSchema;
  readonly key: DataKey;
  /** The variable in which functions find the table's name. */
  readonly environmentName: EnvironmentName;
  /** Refuse to delete the table while the setting stands: for records that cannot be made again. */
  readonly deletionProtection: boolean;
  /** Why nobody would ever want the rows of an earlier second back, where that is so. @default they can be put back */
  readonly unrecoverableBecause?: string;
  /** Tell those who are granted it of every change, with so much of the row. @default nothing */
  readonly changes?: StreamViewType;
}

/** The keys that are numbers; every other is a string. */
const numberKeys: ReadonlySet<string> = new Set([tableSchemas.journal.sortKey]);

const attribute = (name: string): Attribute => ({
  name,
  type: numberKeys.has(name) ? AttributeType.NUMBER : AttributeType.STRING,
});

const attributes = ({ partitionKey, sortKey }: KeySchema) => ({
  partitionKey: attribute(partitionKey),
  ...(sortKey && { sortKey: attribute(sortKey) }),
});

/**
 * A table that costs nothing while nobody trades, can be put back to any second of the last 35 days unless it says why not, and is reached
 * only through the grants below. Each grant allows the least there is for its purpose and tells the grantee the table's name.
 *
 * Transactions need the permission of each of their parts; there is none for the transaction itself.
 */
export class DeskTable extends Construct {
  readonly table: Table;
  private readonly props: DeskTableProps;
  private readonly indexArns: string[];

  constructor(scope: Construct, id: string, props: DeskTableProps) {
    super(scope, id);
    this.props = props;
    const { settings, schema, key } = props;
    const indexes = Object.values(schema.indexes ?? {});
    // Without a name of its own: a retained table must not stand in the way of the next deployment.
    this.table = new Table(this, 'Table', {
      ...attributes(schema),
      ...(schema.timeToLive && { timeToLiveAttribute: schema.timeToLive }),
      ...(props.changes && { stream: props.changes }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.unrecoverableBecause === undefined },
      deletionProtection: props.deletionProtection && settings.retainData,
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    if (props.unrecoverableBecause) acknowledge(this.table, { 'AwsSolutions-DDB3': props.unrecoverableBecause });
    for (const index of indexes) {
      this.table.addGlobalSecondaryIndex({ indexName: index.name, ...attributes(index) });
    }
    this.indexArns = indexes.map((index) => `${this.table.tableArn}/index/${index.name}`);
  }

  /** What an event source mapping follows. @throws Error when the table was not made with `changes`. */
  get changesArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error(`${this.node.path} tells of no changes: set the option`);
    return tableStreamArn;
  }

  /** Reads by key and by index; never scans. */
  grantRead(grantee: Grantee): void {
    const { tableArn } = this.table;
    grantee.allow({ actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [tableArn, ...this.indexArns] });
    this.finish(grantee, 'read');
  }

  /** Reads several rows in one request, a permission of its own: that to read one row does not cover it. */
  grantReadRows(grantee: Grantee): void {
    grantee.allow({ actions: ['dynamodb:BatchGetItem'], resources: [this.table.tableArn] });
  }

  /** Tells whether the table is there and well, without reading from it. */
  grantInspect(grantee: Grantee): void {
    grantee.allow({ actions: ['dynamodb:DescribeTable'], resources: [this.table.tableArn] });
  }

  /** Puts whole rows, which is also all that appending to the journal takes: no update and no delete. */
  grantPut(grantee: Grantee): void {
    this.allow(grantee, ['dynamodb:PutItem']);
  }

  /** Changes rows in place and checks them within transactions. */
  grantUpdate(grantee: Grantee): void {
    this.allow(grantee, ['dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem']);
  }

  /** Puts and deletes rows in batches, for a table that is a copy of something and is made equal to it. */
  grantReplace(grantee: Grantee): void {
    this.allow(grantee, ['dynamodb:BatchWriteItem']);
  }

  /** Deletes single rows. */
  grantRemove(grantee: Grantee): void {
    this.allow(grantee, ['dynamodb:DeleteItem']);
  }

  /**
   * Reads the table's changes of the last 24 hours, for the event source mapping that invokes the function with them; not
   * the table. The four permissions are those that Lambda asks of the function's role
   * (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html).
   */
  grantReadChanges(grantee: Grantee): void {
    grantee.allow({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      resources: [this.changesArn],
    });
    this.props.key.grantDecrypt(grantee, 'dynamodb');
  }

  private allow(grantee: Grantee, actions: string[]): void {
    grantee.allow({ actions, resources: [this.table.tableArn] });
    this.finish(grantee, 'write');
  }

  private finish(grantee: Grantee, access: 'read' | 'write'): void {
    const { key, environmentName } = this.props;
    if (access === 'read') key.grantDecrypt(grantee, 'dynamodb');
    else key.grantEncryptDecrypt(grantee, 'dynamodb');
    grantee.setEnvironment(environmentName, this.table.tableName);
  }
}
