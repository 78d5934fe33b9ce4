/** The books of accounts in DynamoDB: one row of what an account has, and one for each of its days. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type Put,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type AccountFigures,
  type AccountId,
  type Books,
  type BooksChange,
  type BooksStore,
  type EquityDay,
  sealBooks,
  tableSchemas,
  VersionConflictError,
} from '@nightdesk/core';
import { journalPut } from './journal-repository.ts';
import { failedAt, transact } from './transact.ts';

const { partitionKey, sortKey } = tableSchemas.books;
const booksRow = 'books';
const dayPrefix = 'day#';
const keyOf = (account: AccountId, row: string) => ({ [partitionKey]: { S: account }, [sortKey]: { S: row } });
const options = { removeUndefinedValues: true };
/** Days of one page; `Query` itself ends one at 1 MB, which thousands of days do not reach. */
const daysMax = 1_000;

export interface BooksTables {
  books: string;
  journal: string;
  risk: string;
}

export function createBooksRepository(client: DynamoDBClient, tables: BooksTables): BooksStore {
  return {
    async get(account) {
      const input = { TableName: tables.books, Key: keyOf(account, booksRow), ConsistentRead: true };
      const answer = await client.send(new GetItemCommand(input));
      return answer.Item && toBooks(answer.Item);
    },
    save: (change) => save(client, tables, change),
    async listDays(account, limit) {
      const input = {
        TableName: tables.books,
        KeyConditionExpression: '#account = :account AND begins_with(#row, :day)',
        ExpressionAttributeNames: { '#account': partitionKey, '#row': sortKey },
        ExpressionAttributeValues: { ':account': { S: account }, ':day': { S: dayPrefix } },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: Math.min(limit, daysMax),
      };
      return ((await client.send(new QueryCommand(input))).Items ?? []).map(toDay);
    },
  };
}

/** The heads of the `books#…` streams of these accounts, as their rows have them; strongly consistent, for verification. */
export async function* scanBooks(client: DynamoDBClient, tableName: string): AsyncIterable<Books> {
  const input = {
    TableName: tableName,
    FilterExpression: '#row = :books',
    ExpressionAttributeNames: { '#row': sortKey },
    ExpressionAttributeValues: { ':books': { S: booksRow } },
    ConsistentRead: true,
  };
  for await (const page of paginateScan({ client }, input)) yield* (page.Items ?? []).map(toBooks);
}

async function save(client: DynamoDBClient, tables: BooksTables, change: BooksChange): Promise<Books> {
  const { books, journalEvents } = sealBooks(change);
  const put = booksPut(tables.books, books, change.books.version);
  const items: TransactWriteItem[] = [
    { Put: put },
    ...journalEvents.map((event) => journalPut(tables.journal, event)),
    ...(change.day === undefined ? [] : [{ Put: dayPut(tables.books, books.account, change.day) }]),
  ];
  const { figures } = change;
  if (figures !== undefined) {
    const figuresAt = items.length;
    const result = await transact(client, [...items, figuresUpdate(tables.risk, books.account, figures)]);
    if (result.kind === 'written') return books;
    // Without a row there is no switch either, and so no order that could be judged by figures: the next look brings them.
    const onlyFigures = result.reasons.every(({ Code }, index) => index === figuresAt || Code === 'None');
    if (!onlyFigures || !failedAt(result.reasons, figuresAt)) throw conflict(books);
  }
  if (items.length === 1) await putAlone(client, put, books);
  else if ((await transact(client, items)).kind === 'refused') throw conflict(books);
  return books;
}

/** A transaction costs twice as much as the put that it consists of. */
async function putAlone(client: DynamoDBClient, put: Put, books: Books): Promise<void> {
  try {
    await client.send(new PutItemCommand(put));
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? conflict(books) : error;
  }
}

const conflict = ({ account }: Books) => new VersionConflictError(`the books of ${account}`);

function booksPut(tableName: string, books: Books, versionBefore: number): Put & { TableName: string } {
  const isNew = versionBefore === 0;
  return {
    TableName: tableName,
    Item: { ...marshall(books, options), ...keyOf(books.account, booksRow) },
    ConditionExpression: isNew ? 'attribute_not_exists(#version)' : '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ...(!isNew && { ExpressionAttributeValues: { ':version': { N: String(versionBefore) } } }),
  };
}

function dayPut(tableName: string, account: AccountId, { day, marks }: EquityDay): Put {
  return { TableName: tableName, Item: { ...marshall({ marks }, options), ...keyOf(account, `${dayPrefix}${day}`) } };
}

/** On condition that there is a switch: a row without one is what is left of a lost row, and means nothing. */
function figuresUpdate(tableName: string, account: AccountId, figures: AccountFigures): TransactWriteItem {
  return {
    Update: {
      TableName: tableName,
      Key: { [tableSchemas.risk.partitionKey]: { S: account } },
      UpdateExpression: 'SET figures = :figures ADD figuresVersion :one',
      ConditionExpression: 'attribute_exists(#state)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':figures': { S: JSON.stringify(figures) }, ':one': { N: '1' } },
    },
  };
}

function toBooks(item: Record<string, AttributeValue>): Books {
  const { [sortKey]: _row, ...books } = unmarshall(item);
  return books as Books;
}

function toDay(item: Record<string, AttributeValue>): EquityDay {
  const { [sortKey]: row, marks } = unmarshall(item);
  return { day: String(row).slice(dayPrefix.length), marks };
}
