/** Every alert of docs/signals.md, posted exactly as it is written there, is taken by a running desk in its own dialect. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';
import { chartValues, type DocumentedAlert, documentedAlerts, fillIn } from '../support/documented-alerts.ts';

let configured: ConfiguredDesk;

beforeAll(async () => {
  configured = await startConfiguredDesk(
    {
      exchanges: 'bybit: {}',
      accounts: 'charted: { exchange: bybit, mode: sandbox }',
      sources: 'demo:\n  authentication: [token, signing]\n  accounts: [charted]\n  defaultAccount: charted\n',
    },
    ['charted'],
  );
}, 120_000);
afterAll(() => configured.close());

/** The text as it is; a time that lies apart for each, so that no two count as one. */
async function post(alert: DocumentedAlert): Promise<{ status: number; body: Record<string, unknown> }> {
  const { api, signals } = configured.desk.ready;
  const timenow = new Date(Date.now() - alert.index).toISOString();
  const answer = await fetch(`${api}/signals/demo/${signals.demo?.token}`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: fillIn(alert, chartValues(timenow)),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

it.each(documentedAlerts)('the alert for $dialect ($index) is accepted as such', async (alert) => {
  const { status, body } = await post(alert);
  expect({ status, body }).toEqual({
    status: 202,
    body: expect.objectContaining({ status: 'accepted', dialect: alert.dialect }),
  });
  expect(body).not.toHaveProperty('unknownKeys');
});
