import type { MarketSettings } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import type { VenueTraits } from '../../../layers/exchange/src/traits/index.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { scripted, tradingOn, venueError } from './scripted-trading.ts';

type Answers = Record<string, (...given: unknown[]) => unknown>;

/** A contract's settings at a venue that answers like this; `asked` is what it was asked. */
function account(
  answers: Answers,
  { venue = 'some', traits = {} }: { venue?: string; traits?: Partial<VenueTraits> } = {},
) {
  const asked: unknown[][] = [];
  const methods = Object.entries(answers).map(([name, answer]) => [
    name,
    async (...given: unknown[]) => {
      asked.push([name, ...given]);
      return answer(...given);
    },
  ]);
  const trading = tradingOn(scripted(Object.fromEntries(methods)), venue, traits);
  const prepare = (settings: MarketSettings, market = btcUsdtPerpetual) => trading.prepareMarket(settings, market);
  return { asked, prepare };
}

const fail = (name: string, message: string) => () => {
  throw venueError(name, message);
};
const ready = { kind: 'ready' };
const oneWay: MarketSettings = { positionMode: 'one_way' };

describe('leverage', () => {
  it('is set once per value, and checked', async () => {
    let leverage = 1;
    const { asked, prepare } = account({
      setLeverage: (wanted) => {
        leverage = Number(wanted);
      },
      fetchLeverage: () => ({ longLeverage: leverage, shortLeverage: leverage }),
    });
    for (const wanted of ['3', '3', '5', '3']) expect(await prepare({ leverage: wanted })).toEqual(ready);
    expect(asked.filter(([name]) => name === 'setLeverage').map(([, wanted]) => wanted)).toEqual([3, 5, 3]);
  });

  it('that the venue shows to be otherwise is refused, and set again next time', async () => {
    const { asked, prepare } = account({ setLeverage: () => ({}), fetchLeverage: () => ({ longLeverage: '10' }) });
    const refused = { kind: 'refused', cause: { code: 'leverage', message: expect.stringContaining('10') } };
    expect(await prepare({ leverage: '3' })).toMatchObject(refused);
    expect(await prepare({ leverage: '3' })).toMatchObject(refused);
    expect(asked).toHaveLength(4);
  });

  it.each([
    ['bybit', 'BadRequest', 'bybit {"retCode":110043,"retMsg":"Set leverage not modified"}'],
    ['binance', 'OperationRejected', 'binance {"code":-4046,"msg":"No need to change margin type."}'],
    ['some', 'NoChange', 'as it is'],
  ])('that is so already is fine at %s', async (venue, name, message) => {
    expect(await account({ setLeverage: fail(name, message) }, { venue }).prepare({ leverage: '3' })).toEqual(ready);
  });

  it('that the venue does not take is refused with its word', async () => {
    const { prepare } = account({ setLeverage: fail('BadRequest', 'leverage too high') });
    expect(await prepare({ leverage: '500' })).toMatchObject({ kind: 'refused', cause: { code: 'bad_request' } });
  });

  it('is not known to be set when an answer is lost, and is set again', async () => {
    const { asked, prepare } = account({ setLeverage: fail('RequestTimeout', 'no answer') });
    for (let round = 0; round < 2; round++) expect((await prepare({ leverage: '3' })).kind).toBe('unknown');
    expect(asked).toHaveLength(2);
  });

  it('is not known to be set while it cannot be looked at, or its answer makes no sense', async () => {
    const unreachable = account({ setLeverage: () => ({}), fetchLeverage: fail('RequestTimeout', 'no answer') });
    expect((await unreachable.prepare({ leverage: '3' })).kind).toBe('unknown');
    const senseless = account({ setLeverage: () => ({}), fetchLeverage: () => [] });
    expect(await senseless.prepare({ leverage: '3' })).toMatchObject({ cause: { code: 'unparsable_answer' } });
  });

  it('is told with its margin mode where it is kept per mode', async () => {
    const { asked, prepare } = account(
      { setLeverage: () => ({}), setMarginMode: () => ({}) },
      { traits: { leverageIsOfMarginMode: true } },
    );
    await prepare({ leverage: '3', marginMode: 'isolated' });
    expect(asked.at(-1)).toEqual(['setLeverage', 3, 'BTC/USDT:USDT', { marginMode: 'isolated' }]);
  });

  it('is refused where it cannot be set, and on spot nothing is asked', async () => {
    expect(await account({}).prepare({ leverage: '3' })).toMatchObject({ cause: { code: 'not_supported' } });
    const { asked, prepare } = account({ setLeverage: () => ({}), setMarginMode: () => ({}) });
    for (const settings of [{ leverage: '3' }, { marginMode: 'cross' }] as const) {
      expect(await prepare(settings, btcUsdt)).toMatchObject({ kind: 'refused', cause: { code: 'not_supported' } });
    }
    expect(await prepare(oneWay, btcUsdt)).toEqual(ready);
    expect(asked).toEqual([]);
  });
});

describe('the margin mode', () => {
  it('is set and checked', async () => {
    const answers = { setMarginMode: () => ({}), fetchMarginMode: () => ({ marginMode: 'isolated' }) };
    const { asked, prepare } = account(answers);
    expect(await prepare({ marginMode: 'isolated' })).toEqual(ready);
    expect(await prepare({ marginMode: 'isolated' })).toEqual(ready);
    expect(asked).toHaveLength(2);
    expect(await prepare({ marginMode: 'cross' })).toMatchObject({ kind: 'refused', cause: { code: 'margin_mode' } });
  });

  it('is believed to be set where the venue took it and does not tell', async () => {
    expect(await account({ setMarginMode: () => ({}) }).prepare({ marginMode: 'cross' })).toEqual(ready);
  });

  it('of a whole account is looked at, and never changed for one market', async () => {
    const answers = { setMarginMode: () => ({}), fetchMarginMode: () => ({ marginMode: 'cross' }) };
    const { asked, prepare } = account(answers, { traits: { marginModeIsOfAccount: true } });
    expect(await prepare({ marginMode: 'cross' })).toEqual(ready);
    expect(await prepare({ marginMode: 'isolated' })).toMatchObject({ cause: { code: 'margin_mode' } });
    expect(asked.map(([name]) => name)).toEqual(['fetchMarginMode', 'fetchMarginMode']);
    const untold = account({ setMarginMode: () => ({}) }, { traits: { marginModeIsOfAccount: true } });
    expect(await untold.prepare({ marginMode: 'cross' })).toMatchObject({ cause: { code: 'margin_mode' } });
  });

  it('is refused where it cannot be set', async () => {
    expect(await account({}).prepare({ marginMode: 'cross' })).toMatchObject({ cause: { code: 'not_supported' } });
  });
});

describe('one position per market', () => {
  it('is left as it is where it is so', async () => {
    const { asked, prepare } = account({ fetchPositionMode: () => ({ hedged: false }), setPositionMode: () => ({}) });
    for (let round = 0; round < 2; round++) expect(await prepare(oneWay)).toEqual(ready);
    expect(asked.map(([name]) => name)).toEqual(['fetchPositionMode']);
  });

  it('is set where it is not so', async () => {
    let hedged = true;
    const { asked, prepare } = account({
      fetchPositionMode: () => ({ hedged }),
      setPositionMode: (wanted) => {
        hedged = Boolean(wanted);
      },
    });
    expect(await prepare(oneWay)).toEqual(ready);
    expect(asked.map(([name]) => name)).toEqual(['fetchPositionMode', 'setPositionMode', 'fetchPositionMode']);
  });

  const refused = {
    kind: 'refused',
    cause: { code: 'position_mode', message: expect.stringContaining('set one-way mode there') },
  };
  const held = fail('BadRequest', 'bybit {"retCode":110024,"retMsg":"You have an existing position"}');
  it.each<[string, Answers]>([
    ['is refused by the venue', { fetchPositionMode: () => ({ hedged: true }), setPositionMode: held }],
    ['is refused by a venue that does not tell', { setPositionMode: held }],
    ['is taken, and nothing changes', { fetchPositionMode: () => ({ hedged: true }), setPositionMode: () => ({}) }],
    ['cannot be asked for', { fetchPositionMode: () => ({ hedged: true }) }],
  ])('is refused, with what to do, where the change %s', async (_how, answers) => {
    expect(await account(answers).prepare(oneWay)).toMatchObject(refused);
  });

  it('is not what a refused key is about', async () => {
    const { prepare } = account({ setPositionMode: fail('AuthenticationError', 'invalid key') });
    expect(await prepare(oneWay)).toMatchObject({ kind: 'refused', cause: { code: 'authentication_failed' } });
  });

  it('is not known while it can be neither looked at nor set', async () => {
    const lost = fail('RequestTimeout', 'no answer');
    expect((await account({ fetchPositionMode: lost }).prepare(oneWay)).kind).toBe('unknown');
    expect((await account({ setPositionMode: lost }).prepare(oneWay)).kind).toBe('unknown');
    const once = [{ hedged: true }];
    const { prepare } = account({
      fetchPositionMode: () => once.shift() ?? lost(),
      setPositionMode: () => ({}),
    });
    expect((await prepare(oneWay)).kind).toBe('unknown');
  });

  it('is all there is where the venue knows no modes', async () => {
    expect(await account({}).prepare(oneWay)).toEqual(ready);
    const { hedgesIn } = traitsOf('bybit' as never);
    const { asked, prepare } = account(
      { setPositionMode: held },
      { traits: hedgesIn === undefined ? {} : { hedgesIn } },
    );
    expect(await prepare(oneWay, inverseByHundred)).toEqual(ready);
    expect(asked).toEqual([]);
  });
});

it('nothing is set after something was refused', async () => {
  const { asked, prepare } = account({ fetchPositionMode: () => ({ hedged: true }), setLeverage: () => ({}) });
  expect((await prepare({ ...oneWay, leverage: '3' })).kind).toBe('refused');
  expect(asked.map(([name]) => name)).toEqual(['fetchPositionMode']);
});
