import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NonceWindow } from '../../local/simulators/kraken/nonce-window.ts';
import { isBase64, sign } from '../../local/simulators/kraken/signature.ts';
import { createKrakenSimulator, type KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { callPrivate, mainAccount, nextNonce, readerAccount, restClient, startSimulator } from './kraken-support.ts';

const bound = { ...mainAccount, name: 'bound', apiKey: 'boundKey'.repeat(7), allowedAddresses: ['203.0.113.7'] };
const wide = { ...mainAccount, name: 'wide', apiKey: 'wideKey0'.repeat(7), nonceWindow: 10_000_000 };

let simulator: KrakenSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ accounts: [mainAccount, readerAccount, bound, wide] });
});
afterAll(() => simulator.close());

describe('signatures', () => {
  it("match the example of Kraken's documentation", () => {
    const body = 'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25';
    const secret = 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==';
    expect(sign({ path: '/0/private/AddOrder', nonce: '1616492376594', body }, secret)).toBe(
      '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
    );
  });

  it("agree with ccxt's", async () => {
    const exchange = restClient(simulator);
    exchange.nonce = () => 1_795_244_000_000;
    const { url, body, headers } = exchange.sign('Balance', 'private', 'POST', { asset: 'x' });
    const path = new URL(String(url)).pathname;
    expect((headers as Record<string, string>)['API-Sign']).toBe(
      sign({ path, nonce: '1795244000000', body: String(body) }, mainAccount.secret),
    );
  });

  it('are refused when they are wrong, missing or for another body', async () => {
    const refused = { error: ['EAPI:Invalid signature'] };
    expect(await callPrivate(simulator.url, 'Balance', {}, { signature: 'bm90IHJpZ2h0' })).toEqual(refused);
    expect(await callPrivate(simulator.url, 'Balance', {}, { signature: '' })).toEqual(refused);
    const nonce = String(nextNonce());
    const other = sign({ path: '/0/private/Balance', nonce, body: `nonce=${nonce}` }, mainAccount.secret);
    expect(await callPrivate(simulator.url, 'Balance', { asset: 'x' }, { nonce, signature: other })).toEqual(refused);
  });
});

describe('keys', () => {
  it('are refused when unknown, and lock the address out when that happens often', async () => {
    const fresh = await startSimulator();
    try {
      const account = { apiKey: 'nobody', secret: mainAccount.secret };
      const answers: string[] = [];
      for (let call = 0; call < 21; call++) {
        answers.push((await callPrivate(fresh.url, 'Balance', {}, { account })).error.join());
      }
      expect(new Set(answers.slice(0, 20))).toEqual(new Set(['EAPI:Invalid key']));
      expect(answers[20]).toBe('EGeneral:Temporary lockout');
      expect((await callPrivate(fresh.url, 'Balance')).error).toEqual(['EGeneral:Temporary lockout']);
    } finally {
      await fresh.close();
    }
  });

  it('do only what they may', async () => {
    const order = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.01' };
    const denied = { error: ['EGeneral:Permission denied'] };
    expect(await callPrivate(simulator.url, 'AddOrder', order, { account: readerAccount })).toEqual(denied);
    expect(await callPrivate(simulator.url, 'GetWebSocketsToken', {}, { account: readerAccount })).toEqual(denied);
    expect((await callPrivate(simulator.url, 'Balance', {}, { account: readerAccount })).error).toEqual([]);
    expect((await callPrivate(simulator.url, 'GetApiKeyInfo', {}, { account: readerAccount })).error).toEqual([]);
  });

  it('work only from the addresses that they are bound to', async () => {
    expect(await callPrivate(simulator.url, 'Balance', {}, { account: bound })).toEqual({
      error: ['EGeneral:Permission denied'],
    });
  });

  it('come with a secret in base64', async () => {
    expect(isBase64(mainAccount.secret)).toBe(true);
    const account = { ...mainAccount, secret: 'not base64!' };
    await expect(createKrakenSimulator({ seed: 1, accounts: [account] })).rejects.toThrow(/"main" must be base64/);
  });
});

describe('nonces', () => {
  it('must rise with each call of a key', async () => {
    const nonce = String(nextNonce());
    expect((await callPrivate(simulator.url, 'Balance', {}, { nonce })).error).toEqual([]);
    const refused = { error: ['EAPI:Invalid nonce'] };
    expect(await callPrivate(simulator.url, 'Balance', {}, { nonce })).toEqual(refused);
    expect(await callPrivate(simulator.url, 'Balance', {}, { nonce: String(Number(nonce) - 1) })).toEqual(refused);
    expect(await callPrivate(simulator.url, 'Balance', {}, { nonce: 'soon' })).toEqual(refused);
  });

  it('may come out of order within the window of the key, each once', async () => {
    const [low, high] = [String(nextNonce()), String(nextNonce())];
    const answers = [];
    for (const nonce of [high, low, low]) {
      answers.push((await callPrivate(simulator.url, 'Balance', {}, { account: wide, nonce })).error.join());
    }
    expect(answers).toEqual(['', '', 'EAPI:Invalid nonce']);
  });

  it('are unsigned numbers of 64 bits, remembered as far as the window reaches', () => {
    const nonces = new NonceWindow(3);
    expect(['10', '8', '7', '9', '9', '11', '8'].map((nonce) => nonces.accept(nonce))).toEqual([
      ...[true, true, false, true, false, true, false],
    ]);
    expect(nonces.accept('18446744073709551616')).toBe(false);
    expect(nonces.accept('-1')).toBe(false);
    expect(nonces.highest).toBe(11n);
  });
});
