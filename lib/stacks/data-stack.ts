import { environmentNames, tableSchemas } from '@nightdesk/core';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { ArchiveBucket } from '../constructs/archive-bucket.ts';
import { DataKey } from '../constructs/data-key.ts';
import { DeskTable, type DeskTableProps } from '../constructs/desk-table.ts';

export interface DataStackProps extends StackProps {
  readonly settings: StageSettings;
}

/** What outlives every deployment: the key, the tables and the archive. Nothing in here depends on code. */
export class DataStack extends Stack {
  readonly key: DataKey;
  readonly orders: DeskTable;
  readonly journal: DeskTable;
  readonly signals: DeskTable;
  readonly risk: DeskTable;
  readonly positions: DeskTable;
  readonly books: DeskTable;
  readonly paper: DeskTable;
  readonly markets: DeskTable;
  readonly coordination: DeskTable;
  readonly candles: DeskTable;
  readonly quotes: DeskTable;
  readonly archive: ArchiveBucket;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { settings } = props;
    this.key = new DataKey(this, 'DataKey', settings);
    const table = (tableId: string, rest: Omit<DeskTableProps, 'settings' | 'key'>) =>
      new DeskTable(this, tableId, { settings, key: this.key, ...rest });
    const records = { deletionProtection: true };
    // Notices are made of how orders change, and of what the journal gets: its rows never change.
    const followed = { ...records, changes: StreamViewType.NEW_AND_OLD_IMAGES };
    const appended = { ...records, changes: StreamViewType.NEW_IMAGE };
    // Signals and what functions agree on expire, and markets are fetched again: any of these may be deleted without loss.
    const remakeable = { deletionProtection: false };
    const { ordersTable, journalTable, signalsTable, riskTable, positionsTable } = environmentNames;
    const { booksTable, paperTable, marketsTable, coordinationTable, candlesTable, quotesTable } = environmentNames;
    this.orders = table('Orders', { schema: tableSchemas.orders, environmentName: ordersTable, ...followed });
    this.journal = table('Journal', { schema: tableSchemas.journal, environmentName: journalTable, ...appended });
    this.signals = table('Signals', { schema: tableSchemas.signals, environmentName: signalsTable, ...remakeable });
    this.risk = table('Risk', { schema: tableSchemas.risk, environmentName: riskTable, ...records });
    this.positions = table('Positions', {
      ...{ schema: tableSchemas.positions, environmentName: positionsTable },
      ...records,
    });
    this.books = table('Books', { schema: tableSchemas.books, environmentName: booksTable, ...records });
    this.paper = table('Paper', { schema: tableSchemas.paper, environmentName: paperTable, ...records });
    this.markets = table('Markets', { schema: tableSchemas.markets, environmentName: marketsTable, ...remakeable });
    const coordination = { schema: tableSchemas.coordination, environmentName: coordinationTable };
    this.coordination = table('Coordination', { ...coordination, ...remakeable });
    this.candles = table('Candles', { schema: tableSchemas.candles, environmentName: candlesTable, ...records });
    this.quotes = table('Quotes', {
      ...{ schema: tableSchemas.quotes, environmentName: quotesTable, ...remakeable },
      unrecoverableBecause: 'A quote is out of date after seconds, and the venues tell the next one by themselves.',
    });
    this.archive = new ArchiveBucket(this, 'Archive', { settings, key: this.key });
  }
}
