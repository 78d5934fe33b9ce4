import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createJournalReader, scanBooks, scanOrders, scanPositions, scanRisk } from '@nightdesk/aws';
import { type Verification, verifyJournal } from '@nightdesk/core';
import type { DeskTables } from './desk-tables.ts';

/** Verifies a desk's journal and its tables against each other; the desk may go on working. */
export function verifyDesk(client: DynamoDBClient, tables: DeskTables): Promise<Verification> {
  return verifyJournal({
    orders: scanOrders(client, tables.orders),
    switches: scanRisk(client, tables.risk),
    positions: scanPositions(client, tables.positions),
    books: scanBooks(client, tables.books),
    events: createJournalReader(client, tables.journal).scan(),
    startedAtMs: Date.now(),
  });
}

/** The result in a sentence for people. */
export function describeVerification(verification: Verification): string {
  if (verification.kind === 'verified') {
    const { events, streams, orders } = verification;
    const rebuilt = `${count(orders, 'order')} rebuilt from it and equal to the table`;
    return `the journal verifies: ${count(events, 'event')} in ${count(streams, 'chain')}, ${rebuilt}`;
  }
  const { stream, sequence, reason } = verification.misfit;
  return `the journal does not verify. First event that does not fit: ${stream}, sequence ${sequence}: ${reason}`;
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
