/** An account whose key is rotated, for tests of the local Secrets Manager with the function that rotates. */
import { type Finding, parseDeskConfig } from '@nightdesk/core';

/** Of the secret. */
export const name = 'desk/accounts/main/trading';
export const oldKey = JSON.stringify({ apiKey: 'the-old-key', secret: 'the-old-secret' });
export const newKey = JSON.stringify({ apiKey: 'the-new-key', secret: 'the-new-secret' });
export const dayMs = 86_400_000;
export const config = parseDeskConfig({
  exchanges: { binance: {} },
  accounts: { main: { exchange: 'binance', mode: 'sandbox' } },
  sources: {},
  risk: { default: { orderNotionalMax: '1', openNotionalMax: '1' } },
});
export const mayWithdraw: Finding = { severity: 'refused', code: 'key_can_withdraw', message: 'the key may withdraw' };
