import { type DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';

export interface DeskTables {
  orders: string;
  journal: string;
  risk: string;
  positions: string;
  books: string;
}

/** What was to be audited is not there, or not told apart. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

/**
 * Finds the tables of a stage by the names CloudFormation gives them: stack, logical id, something of its own.
 *
 * @throws AuditError when a table is missing, or when a retained one of an earlier deployment makes two
 */
export async function findDeskTables(client: DynamoDBClient, stage: string): Promise<DeskTables> {
  const names: string[] = [];
  for await (const page of paginateListTables({ client }, {})) names.push(...(page.TableNames ?? []));
  const find = (logicalId: string): string => {
    const prefix = `nightdesk-${stage}-data-${logicalId}`;
    const [name, ...others] = names.filter((candidate) => candidate.startsWith(prefix));
    if (name === undefined) throw new AuditError(`there is no table ${prefix}…: is stage "${stage}" deployed here?`);
    if (others.length === 0) return name;
    throw new AuditError(
      `${[name, ...others].join(' and ')} could both be meant: name one with --orders-table, --journal-table, --risk-table, --positions-table and --books-table`,
    );
  };
  return {
    orders: find('OrdersTable'),
    journal: find('JournalTable'),
    risk: find('RiskTable'),
    positions: find('PositionsTable'),
    books: find('BooksTable'),
  };
}
