/** Orders as breakers see them. */
import { amount, type Order } from '@nightdesk/core';
import { intent } from './orders.ts';

export const anOrder = (change: Partial<Order>): Order => ({
  ...intent,
  ...{ state: 'open', version: 1, journalHash: '', attempts: 1, attemptedAtMs: 0, filled: amount('0'), fills: [] },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
  ...change,
});
