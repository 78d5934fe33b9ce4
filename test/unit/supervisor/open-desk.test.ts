import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk } from '../../../local/accounts/open-desk.ts';

const simulator = 'http://127.0.0.1:4101';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-open-desk-'));
  cpSync(paths.config, directory, { recursive: true });
  writeFileSync(
    join(directory, 'ready.json'),
    JSON.stringify({ aws: 'http://127.0.0.1:1', simulators: { binance: simulator } }),
  );
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the desk on this machine, as its commands see it', () => {
  it('reaches venues as its functions do: at the simulated ones, and through proxies of this machine only', () => {
    const proxies = '[socks5://proxy.example:1080, http://127.0.0.1:3128]';
    writeFileSync(join(directory, 'exchanges.yaml'), `binance: { proxies: ${proxies} }\nkraken: {}\n`);
    const desk = openDesk('local', directory, directory);
    desk.close();
    expect(desk.config.exchanges.binance).toMatchObject({ baseUrl: simulator, proxies: ['http://127.0.0.1:3128'] });
    expect(desk.config.exchanges.kraken).toMatchObject({ enabled: false });
  });
});
