import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedAccount, venuesOfTests } from './simulated-accounts.ts';

interface ReportedTransfer {
  id: number;
  status: string;
  atMs: number;
}

describe.each(venuesOfTests)('transfers at the simulated $name', ({ start, transferTimeStepMs }) => {
  let venue: SimulatedAccount;
  beforeAll(async () => {
    venue = await start();
  });
  afterAll(() => venue.close());
  beforeEach(() => venue.control('POST', 'reset'));

  const total = async (asset: string) => {
    const balance = await venue.exchange.fetchBalance();
    return (balance[asset] as { total: number } | undefined)?.total ?? 0;
  };
  const move = async (transfer: object): Promise<ReportedTransfer> => {
    const { status, body } = await venue.control('POST', 'transfers', { account: 'main', ...transfer });
    expect(body.error).toBeUndefined();
    expect(status).toBe(200);
    return body.transfer as ReportedTransfer;
  };
  const end = (id: number, status: string) => venue.control('PUT', 'transfers', { id, status });

  it('tells nobody of a deposit before there is one, whatever an account has', async () => {
    expect(await venue.exchange.fetchDeposits()).toEqual([]);
    expect(await venue.exchange.fetchWithdrawals()).toEqual([]);
  });

  it('adds a deposit to the balance, and lists it with its asset, amount and time', async () => {
    const before = await total('ETH');
    const { atMs } = await move({ direction: 'in', asset: 'ETH', amount: '2.5' });
    expect(await total('ETH')).toBe(before + 2.5);
    const [deposit, ...others] = await venue.exchange.fetchDeposits(undefined, Math.floor(atMs) - 5_000);
    expect(others).toEqual([]);
    expect(deposit).toMatchObject({ currency: 'ETH', amount: 2.5, status: 'ok', type: 'deposit' });
    const late = Math.floor(atMs) - Number(deposit?.timestamp);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(transferTimeStepMs.in);
    expect(await venue.exchange.fetchDeposits('BTC')).toEqual([]);
    expect(await venue.exchange.fetchDeposits(undefined, Math.floor(atMs) + 60_000)).toEqual([]);
  });

  it('takes a withdrawal and its fee from the balance, and lists both', async () => {
    const before = await total('BTC');
    const { atMs } = await move({ direction: 'out', asset: 'BTC', amount: '1.5', fee: '0.25' });
    expect(await total('BTC')).toBe(before - 1.75);
    const [withdrawal] = await venue.exchange.fetchWithdrawals(undefined, Math.floor(atMs) - 5_000);
    expect(withdrawal).toMatchObject({ currency: 'BTC', amount: 1.5, status: 'ok', type: 'withdrawal' });
    expect(withdrawal?.fee).toMatchObject({ currency: 'BTC', cost: 0.25 });
    const late = Math.floor(atMs) - Number(withdrawal?.timestamp);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(transferTimeStepMs.out);
  });

  it('counts a deposit once it is done, under the id that it had while it was pending', async () => {
    const before = await total('USDT');
    const { id } = await move({ direction: 'in', asset: 'USDT', amount: '100', status: 'pending' });
    const [pending] = await venue.exchange.fetchDeposits();
    expect([pending?.status, await total('USDT')]).toEqual(['pending', before]);
    expect((await end(id, 'done')).status).toBe(200);
    const [done] = await venue.exchange.fetchDeposits();
    expect([done?.status, await total('USDT')]).toEqual(['ok', before + 100]);
    expect(done?.id).toBe(pending?.id);
    expect((await end(id, 'done')).status).toBe(409);
  });

  it('takes a withdrawal away while it is pending, and gives it back where it fails', async () => {
    const before = await total('USDT');
    const { id } = await move({ direction: 'out', asset: 'USDT', amount: '100', fee: '1', status: 'pending' });
    const [pending] = await venue.exchange.fetchWithdrawals();
    expect([pending?.status, await total('USDT')]).toEqual(['pending', before - 101]);
    await end(id, 'failed');
    const [failed] = await venue.exchange.fetchWithdrawals();
    expect([failed?.status, await total('USDT')]).toEqual(['failed', before]);
  });

  it('never adds a deposit that fails', async () => {
    const before = await total('USDT');
    const { id } = await move({ direction: 'in', asset: 'USDT', amount: '100', status: 'pending' });
    await end(id, 'failed');
    const [failed] = await venue.exchange.fetchDeposits();
    expect(failed?.status).not.toBe('ok');
    expect(failed?.status).not.toBe('pending');
    expect(await total('USDT')).toBe(before);
  });

  it('lists what an outsider brings in and takes out as well, newest first', async () => {
    for (const action of ['deposit', 'withdraw']) {
      const { status } = await venue.control('POST', 'outsider', {
        action,
        account: 'main',
        asset: 'ETH',
        amount: '3',
      });
      expect(status).toBe(200);
    }
    expect(await venue.exchange.fetchDeposits()).toMatchObject([{ currency: 'ETH', amount: 3, status: 'ok' }]);
    expect(await venue.exchange.fetchWithdrawals()).toMatchObject([{ currency: 'ETH', amount: 3, status: 'ok' }]);
    const { body } = await venue.control('GET', 'transfers?account=main');
    expect(body.transfers).toMatchObject([{ direction: 'in' }, { direction: 'out', account: 'main' }]);
  });

  it('refuses what an account has not, and names what it does not understand', async () => {
    const refused = async (transfer: object) => {
      const { status, body } = await venue.control('POST', 'transfers', {
        ...{ account: 'main', direction: 'out', asset: 'BTC', amount: '1' },
        ...transfer,
      });
      return [status, (body.error as { issues: { field: string }[] }).issues.map(({ field }) => field)];
    };
    expect(await refused({ amount: '100', fee: '0.1' })).toEqual([409, ['amount']]);
    expect(await refused({ account: 'nobody' })).toEqual([400, ['account']]);
    expect(await refused({ amount: '0' })).toEqual([400, ['amount']]);
    expect(await refused({ amount: '-1', direction: 'up' })).toEqual([400, ['direction', 'amount']]);
    expect(await refused({ amount: 'NaN' })).toEqual([400, ['amount']]);
    expect(await refused({ direction: 'in', fee: '0.1' })).toEqual([400, ['fee']]);
    expect(await total('BTC')).toBe(100);
  });
});

it.each(venuesOfTests)('the simulated $name keeps transfers over a restart, done and pending', async ({ start }) => {
  const directory = mkdtempSync(join(tmpdir(), 'simulated-transfers-'));
  try {
    const before = await start({ directory });
    const send = (status: string) =>
      before.control('POST', 'transfers', { account: 'main', direction: 'out', asset: 'BTC', amount: '1', status });
    const { body } = await send('pending');
    await send('done');
    const told = await before.exchange.fetchWithdrawals();
    await before.close();
    const after = await start({ directory });
    expect(await after.exchange.fetchWithdrawals()).toEqual(told);
    await after.control('PUT', 'transfers', { id: (body.transfer as ReportedTransfer).id, status: 'failed' });
    expect(await after.exchange.fetchBalance()).toMatchObject({ BTC: { total: 99 } });
    await after.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
