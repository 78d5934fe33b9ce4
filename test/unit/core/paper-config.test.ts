import { ConfigurationError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';

const balances = { USDT: '10000.0' };
const load = (account: object) => deskConfig({ accounts: { main: { exchange: 'fake', mode: 'paper', ...account } } });

function issuesOf(account: object): string[] {
  try {
    load(account);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.issues.map(({ path }) => path);
  }
}

describe('the settings of a paper account', () => {
  it('are balances and how it is served', () => {
    expect(load({ paper: { balances } }).accounts.main?.paper).toEqual({ balances: { USDT: '10000' }, latencyMs: 100 });
    const all = { balances, latencyMs: 0, makerFee: '-0.0001', takerFee: '0.05' };
    expect(load({ paper: all }).accounts.main?.paper).toMatchObject({ ...all, balances: { USDT: '10000' } });
  });

  it.each<[string, object, string]>([
    ['nothing to begin with', {}, 'accounts.main.paper'],
    ['no balances', { paper: { balances: {} } }, 'accounts.main.paper.balances'],
    ['a balance of nothing', { paper: { balances: { USDT: '0' } } }, 'accounts.main.paper.balances.USDT'],
    ['a balance that is a number', { paper: { balances: { USDT: 1 } } }, 'accounts.main.paper.balances.USDT'],
    [
      'a balance of no asset',
      { paper: { balances: { 'us dollars': '1' } } },
      'accounts.main.paper.balances.us dollars',
    ],
    ['too long a latency', { paper: { balances, latencyMs: 2_001 } }, 'accounts.main.paper.latencyMs'],
    ['a percentage for a fee', { paper: { balances, takerFee: '0.1' } }, 'accounts.main.paper.takerFee'],
    ['too large a rebate', { paper: { balances, makerFee: '-0.1' } }, 'accounts.main.paper.makerFee'],
    ['a fee that is none', { paper: { balances, makerFee: 'low' } }, 'accounts.main.paper.makerFee'],
    ['a second key', { paper: { balances }, readOnlySecret: true }, 'accounts.main.readOnlySecret'],
    ['proxies of its own', { paper: { balances }, proxies: ['http://127.0.0.1:1'] }, 'accounts.main.proxies'],
    ['another mode', { mode: 'sandbox', paper: { balances } }, 'accounts.main.paper'],
  ])('are refused with %s', (_, account, path) => {
    expect(issuesOf(account)).toContain(path);
  });
});
