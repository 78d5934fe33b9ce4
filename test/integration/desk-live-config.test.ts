/** What an owner saves while the desk runs takes effect within seconds, as a whole or not at all. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigDocument } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { createDeskClient, type SignalAnswer } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { soon } from '../support/waiting.ts';

const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-live-config-'));
let desk: Desk;

beforeAll(async () => {
  cpSync(paths.config, configDirectory, { recursive: true });
  writeFileSync(join(configDirectory, 'collection.yaml'), 'collections: []\n');
  desk = await startDesk({ configDirectory });
});

afterAll(async () => {
  await desk.close();
  rmSync(configDirectory, { recursive: true });
});

const fileOf = (document: ConfigDocument) => join(configDirectory, `${document}.yaml`);
const original = (document: ConfigDocument) => readFileSync(join(paths.config, `${document}.yaml`), 'utf8');
const save = (document: ConfigDocument, text: string) => writeFileSync(fileOf(document), text);

async function restore(): Promise<void> {
  for (const document of ['sources', 'accounts', 'exchanges', 'risk'] as const) save(document, original(document));
}

let count = 0;
function order(account: string): Promise<{ status: number; body: SignalAnswer }> {
  count += 1;
  const signal = { symbol: 'BTC/USDT', account, action: 'buy', size: { base: '0.01' } };
  return desk.postSignal({ id: `live-${count}`, ...signal, sentAt: new Date().toISOString() });
}

/** Adds an account of this name for the source of the tests. */
function saveAccount(name: string, exchange: string): void {
  save('accounts', `${original('accounts')}\n${name}:\n  exchange: ${exchange}\n  mode: sandbox\n`);
  save('sources', original('sources').replace('accounts: [main]', `accounts: [main, ${name}]`));
}

const logged = (text: string) =>
  soon(
    async () => desk.log.filter((line) => line.includes(text)),
    (lines) => lines.length > 0,
  );

it('an exchange that is saved can be traded at without a restart, and one that is removed is refused', async () => {
  expect(await order('second')).toMatchObject({ status: 400 });
  save('exchanges', `${original('exchanges')}\nkraken: {}\n`);
  saveAccount('second', 'kraken');
  const { body } = await soon(
    () => order('second'),
    ({ status }) => status === 202,
  );
  const [placed] = await desk.settle([body.signalId ?? '']);
  expect(placed).toMatchObject({ state: 'filled', account: 'second', venue: 'kraken' });
  const kraken = createDeskClient(desk.cloud.ready, 'kraken');
  expect(await kraken.simulatorOrders({ account: 'second' })).toHaveLength(1);

  await restore();
  const refused = await soon(
    () => order('second'),
    ({ status }) => status !== 202,
  );
  expect(refused).toMatchObject({ status: 400, body: { error: { issues: [{ path: 'account' }] } } });
});

it('an account that is saved can trade at an exchange that runs already', async () => {
  saveAccount('extra', 'binance');
  const { body } = await soon(
    () => order('extra'),
    ({ status }) => status === 202,
  );
  expect(await desk.settle([body.signalId ?? ''])).toMatchObject([{ state: 'filled', account: 'extra' }]);
  expect(await desk.simulatorOrders({ account: 'extra' })).toHaveLength(1);
  await restore();
  await soon(
    () => order('extra'),
    ({ status }) => status === 400,
  );
});

it('a configuration that is broken leaves the one before in force, and says where what is wrong', async () => {
  save('accounts', 'main:\n  exchange: binance\n  mode: sandbox\nextra:\n  exchange: krakn\n  mode: sandbox\n');
  const file = fileOf('accounts');
  await logged(`${file}:5:3 accounts.extra.exchange: exchange "krakn" is not in exchanges.yaml`);
  save('accounts', 'main: { exchange: binance, mode: sandbox\n');
  await logged(`${file}:2:1: is not YAML`);
  rmSync(file);
  await logged(`${file}: cannot be read (ENOENT)`);
  expect(await order('main')).toMatchObject({ status: 202 });

  await restore();
  await logged('the saved configuration is in force');
});

it('a source that is saved gets its secrets, which clients find where they find the others', async () => {
  expect(desk.cloud.ready.signals).not.toHaveProperty('scripts');
  save('sources', `${original('sources')}\nscripts:\n  authentication: [signing]\n  accounts: [main]\n`);
  const ready = await soon(
    async () => desk.cloud.ready,
    ({ signals }) => 'scripts' in signals,
  );
  expect(ready.signals.scripts?.secret).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(ready.signals.demo).toEqual(desk.ready.signals.demo);
  await restore();
  await soon(
    async () => desk.cloud.ready,
    ({ signals }) => !('scripts' in signals),
  );
});
