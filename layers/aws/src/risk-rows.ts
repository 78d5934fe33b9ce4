/** The rows that an intent is judged by. */
import { type AccountId, type RiskRows, type SourceId, sourceRow } from '@nightdesk/core';
import type { ItemReader } from './item-reader.ts';
import { fromRiskItem, fromSourceItem } from './risk-item.ts';

/** Strongly consistent, in one request. @throws Error where the table does not give them all */
export async function readRiskRows(
  reader: ItemReader,
  tableName: string,
  { account, source }: { account: AccountId; source?: SourceId },
): Promise<RiskRows> {
  const keys = [account, '*', ...(source === undefined ? [] : [sourceRow(source)])];
  const items = await reader.getAll(
    tableName,
    keys.map((key) => ({ account: key })),
  );
  const [ofAccount, ofAll, ofSource] = items;
  return {
    account: ofAccount && fromRiskItem(ofAccount),
    all: ofAll && fromRiskItem(ofAll),
    source: ofSource && fromSourceItem(ofSource),
  };
}
