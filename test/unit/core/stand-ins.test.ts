import { type AccountId, accountOf, sourceOf, standInsFor } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';

const rank = (each: 'primary' | 'secondary' | 'tertiary', group = 'spot') => ({ failover: { group, rank: each } });
const account = (exchange: string, mode = 'sandbox') => ({ exchange, mode });

const grouped = {
  exchanges: {
    first: rank('primary'),
    second: rank('secondary'),
    third: rank('tertiary'),
    apart: rank('primary', 'other'),
    alone: {},
  },
  accounts: {
    main: account('first'),
    twin: account('first'),
    third: account('third'),
    second: account('second'),
    apart: account('apart'),
    alone: account('alone'),
    live: account('second', 'live'),
    foreign: account('second'),
  },
};
const members = ['main', 'twin', 'third', 'second', 'apart', 'alone', 'live'];
const limits = { orderNotionalMax: '10', openNotionalMax: '10', exposureMax: '10', dailyLossMax: '10' };

function standIns(
  id: string,
  { failover = true, tried = [] as string[], sourceName = 'demo', exchanges = {} } = {},
): string[] {
  const config = deskConfig({
    exchanges: { ...grouped.exchanges, ...exchanges },
    accounts: grouped.accounts,
    sources: { demo: { authentication: ['token'], accounts: members, failover } },
    risk: { default: limits, accounts: { live: limits } },
  });
  const from = accountOf(config, id);
  if (from === undefined) throw new Error(`no account ${id}`);
  const source = sourceOf(config, sourceName);
  return standInsFor({ config, source, account: from, tried: tried as AccountId[] }).map((each) => each.id);
}

describe('the stand-ins of an account', () => {
  it("are its source's accounts of the same mode at the other venues of the group, by rank", () => {
    expect(standIns('main')).toEqual(['second', 'third']);
    expect(standIns('third')).toEqual(['main', 'twin', 'second']);
  });

  it.each([
    ['whose source does not allow it', standIns.bind(undefined, 'main', { failover: false })],
    ['whose source was removed', standIns.bind(undefined, 'main', { sourceName: 'gone' })],
    ['whose exchange is in no group', standIns.bind(undefined, 'alone', {})],
    ['that is the only one of its group', standIns.bind(undefined, 'apart', {})],
    ['that is live where the others are not', standIns.bind(undefined, 'live', {})],
  ])('are none for an account %s', (_, ask) => {
    expect(ask()).toEqual([]);
  });

  it('leave out those whose exchange is disabled', () => {
    expect(standIns('main', { exchanges: { second: { ...rank('secondary'), enabled: false } } })).toEqual(['third']);
  });

  it('leave out those that handed the leg on already', () => {
    expect(standIns('second', { tried: ['main', 'twin'] })).toEqual(['third']);
  });
});
