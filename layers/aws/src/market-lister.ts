/** Lists of the markets of a venue. Whoever needs a few of them asks `MarketsStore` for each. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Market, tableSchemas, type VenueId } from '@nightdesk/core';

/** What tells markets apart, without the megabytes of what the venue library knows of them. */
export type MarketSummary = Pick<Market, 'symbol' | 'kind' | 'base' | 'quote' | 'active'>;

const summaryFields: readonly (keyof MarketSummary)[] = ['symbol', 'kind', 'base', 'quote', 'active'];

/** @returns in order of their symbols, as of the last refresh; none before the first */
export function createMarketLister(
  client: DynamoDBClient,
  tableName: string,
): (venue: VenueId) => Promise<MarketSummary[]> {
  const names = Object.fromEntries(summaryFields.map((name) => [`#${name}`, name]));
  return async (venue) => {
    const input = {
      TableName: tableName,
      KeyConditionExpression: '#venue = :venue',
      ProjectionExpression: Object.keys(names).join(', '),
      ExpressionAttributeNames: { '#venue': tableSchemas.markets.partitionKey, ...names },
      ExpressionAttributeValues: { ':venue': { S: venue } },
    };
    const markets: MarketSummary[] = [];
    for await (const page of paginateQuery({ client }, input)) {
      markets.push(...(page.Items ?? []).map((item) => unmarshall(item) as MarketSummary));
    }
    return markets;
  };
}
