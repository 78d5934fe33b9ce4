/** A running desk with the configuration of a test, which may save another one at any time, as an owner does. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigDocument, Order } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import type { Answer, SignalAnswer } from '@nightdesk/local/supervisor/client.ts';
import type { CloudOptions } from '@nightdesk/local/supervisor/cloud.ts';
import { type Desk, startDesk } from './desk.ts';
import { readSecretValues } from './desk-secrets.ts';
import { soon, waitMsMax } from './waiting.ts';

export interface ConfiguredDesk {
  readonly desk: Desk;
  readonly directory: string;
  save(document: ConfigDocument, text: string): void;
  /** Posts an order to buy, for a bitcoin unless `changes` say otherwise. */
  post(account: string, changes?: object): Promise<Answer<SignalAnswer>>;
  /** Posts one and waits for what becomes of it. @throws Error when it is not taken, or never settled */
  order(account: string, changes?: object): Promise<Order>;
  /** Lines of the log that hold the text, as soon as there are some. @throws Error when there never are */
  logged(text: string): Promise<string[]>;
  /** What was logged or answered that holds a secret, the desk's or one of these. */
  told(secrets?: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Starts a desk with these documents in place of the repository's, and waits until signals for all of the accounts are
 * understood.
 *
 * @param accounts those that the source `demo` may use, by name
 * @param options of the cloud, where they are to be others than those of tests
 */
export async function startConfiguredDesk(
  documents: Partial<Record<ConfigDocument, string>>,
  accounts: readonly string[],
  options: Partial<CloudOptions> = {},
): Promise<ConfiguredDesk> {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-configured-'));
  cpSync(paths.config, directory, { recursive: true });
  // As the desk begins without collecting, what is saved of other things is not to bring it back.
  writeFileSync(join(directory, 'collection.yaml'), 'collections: []\n');
  const save = (document: ConfigDocument, text: string) => writeFileSync(join(directory, `${document}.yaml`), text);
  for (const [name, text] of Object.entries(documents)) save(name as ConfigDocument, text);
  const desk = await startDesk({ ...options, configDirectory: directory });
  const answers: string[] = [];
  let count = 0;

  const post: ConfiguredDesk['post'] = async (account, changes = {}) => {
    count += 1;
    const signal = { account, symbol: 'BTC/USDT', action: 'buy', size: { base: '0.01' }, ...changes };
    const sentAt = new Date().toISOString();
    // `desk.ready` is what was known at the start; the source's token stays the same.
    const answer = await desk.postSignal({ id: `configured-${count}`, sentAt, ...signal });
    answers.push(JSON.stringify(answer.body));
    return answer;
  };

  const configured: ConfiguredDesk = {
    ...{ desk, directory, save, post },
    async order(account, changes) {
      const { status, body } = await post(account, changes);
      if (status !== 202) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
      const state = await desk.waitForOrder(body.signalId ?? '', waitMsMax);
      answers.push(JSON.stringify(state));
      const [order] = state.orders;
      if (order === undefined) throw new Error(`no order: ${JSON.stringify(state)}`);
      return order;
    },
    logged: (text) =>
      soon(
        async () => desk.log.filter((line) => line.includes(text)),
        (lines) => lines.length > 0,
      ),
    async told(secrets = []) {
      const all = [...(await readSecretValues(desk.ready.aws)), ...secrets].filter((secret) => secret !== '');
      return [...desk.log, ...answers].filter((text) => all.some((secret) => text.includes(secret)));
    },
    async close() {
      await desk.close();
      rmSync(directory, { recursive: true });
    },
  };
  await takesSignals(configured, accounts).catch(async (error: unknown) => {
    await configured.close();
    throw error;
  });
  return configured;
}

/** The size is looked at after all that has to be in force first, so a size that is refused asks without a trace. */
async function takesSignals({ post }: ConfiguredDesk, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) {
    await soon(
      () => post(account, { size: { base: '0.00000001' } }),
      ({ body }) => body.error?.issues?.some(({ path }) => path === 'size.base') === true,
    );
  }
}
