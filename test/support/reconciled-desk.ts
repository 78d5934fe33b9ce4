/** A running desk whose accounts can be looked at when a test wants it, and what it says and tells of them. */
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createJournalReader } from '@nightdesk/aws';
import { type BreakerName, type ConfigDocument, type JournalEvent, secretNames } from '@nightdesk/core';
import { findDeskTables } from '@nightdesk/local/audit/desk-tables.ts';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { startChannelServer } from './channel-server.ts';
import { type ConfiguredDesk, startConfiguredDesk } from './configured-desk.ts';
import { soon } from './waiting.ts';

const lookEveryMs = 2_000;

/** An account as `GET /risk` shows it. */
export interface AccountRisk {
  account: string;
  state: string;
  by: string;
  reason: string;
  breakers: Partial<Record<BreakerName, { state: string }>>;
}

interface ShownBooks {
  account: string;
  status: string;
  checkedAtMs?: number;
}

export interface ReconciledDesk {
  readonly configured: ConfiguredDesk;
  /** Has accounts looked at now, without waiting for it. */
  look(accounts: readonly string[]): Promise<void>;
  /** Has every account looked at once more. */
  everyoneLooked(): Promise<void>;
  risks(): Promise<AccountRisk[]>;
  /** Has the account looked at every so often until it is so. @throws Error after a minute */
  becomes(account: string, isSo: (shown: AccountRisk) => boolean, everyMs?: number): Promise<AccountRisk>;
  /** Posts to `/__sim` of a venue. @throws Error where it is refused */
  control(venue: string, path: string, body: object): Promise<void>;
  readStream(stream: string): Promise<JournalEvent[]>;
  /** Waits until a webhook was told that the account's switch was set by this. */
  toldOfSwitch(account: string, by: string): Promise<void>;
  close(): Promise<void>;
}

const notifications = 'channels:\n  hook: { type: webhook, events: { risk.switched: true } }\n';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts it, and has every account looked at once. @param accounts by name; the source `demo` must be allowed to use them */
export async function startReconciledDesk(
  documents: Partial<Record<ConfigDocument, string>>,
  accounts: readonly string[],
): Promise<ReconciledDesk> {
  const hook = await startChannelServer({ status: 204 });
  const configured = await startConfiguredDesk({ ...documents, notifications }, accounts);
  const { desk } = configured;
  const { aws } = desk.ready;
  await putChannelSecret(aws, hook.url);
  const dynamoDb = createLocalClient(aws);
  const reader = createJournalReader(dynamoDb, (await findDeskTables(dynamoDb, 'local')).journal);
  const sqs = new SQSClient({ endpoint: aws, region: 'us-east-1', credentials });
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => url.endsWith('reconciliations.fifo'));
  const lookedAtMs = new Map<string, number>();
  const risks = async () => (await desk.call<{ accounts: AccountRisk[] }>('GET', '/risk')).body.accounts;

  const reconciled: ReconciledDesk = {
    ...{ configured, risks, readStream: (stream) => reader.read(stream) },
    /** Past the planner, which plans one look of each in a minute of the clock, and no more. */
    async look(wanted) {
      const plannedAtMs = Date.now();
      const sent = wanted.map((account) => {
        lookedAtMs.set(account, performance.now());
        const MessageBody = JSON.stringify({ account, plannedAtMs });
        const MessageDeduplicationId = `${account}.now.${plannedAtMs}`;
        return sqs.send(
          new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: account, MessageDeduplicationId }),
        );
      });
      await Promise.all(sent);
    },
    async everyoneLooked() {
      const sinceMs = Date.now();
      await reconciled.look(accounts);
      const waiting = async () => {
        const { body } = await desk.call<{ accounts: ShownBooks[] }>('GET', '/reconciliation');
        return body.accounts.filter(({ checkedAtMs = 0, status }) => checkedAtMs < sinceMs || status === 'unanswered');
      };
      await soon(waiting, ({ length }) => length === 0);
    },
    becomes(account, isSo, everyMs = lookEveryMs) {
      const ask = async () => {
        if (performance.now() - (lookedAtMs.get(account) ?? 0) >= everyMs) await reconciled.look([account]);
        const shown = (await risks()).find((each) => each.account === account);
        if (shown === undefined) throw new Error(`GET /risk does not show ${account}`);
        return shown;
      };
      return soon(ask, isSo);
    },
    async control(venue, path, body) {
      // `desk.ready` is what was known at the start.
      const url = `${desk.cloud.ready.simulators[venue]}/__sim/${path}`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    },
    async toldOfSwitch(account, by) {
      const isIt = ({ body }: { body: string }): boolean => {
        const notice = JSON.parse(body) as { kind: string; account: string; by: string };
        return notice.kind === 'risk.switched' && notice.account === account && notice.by === by;
      };
      await soon(
        async () => hook.received.filter(isIt),
        ({ length }) => length > 0,
      );
    },
    async close() {
      sqs.destroy();
      dynamoDb.destroy();
      await configured.close();
      await hook.close();
    },
  };
  // The planner also makes the switches of accounts that have had no order.
  await Promise.all([desk.cloud.tick('plan-reconciliations'), reconciled.everyoneLooked()]);
  return reconciled;
}

/** As soon as the desk has made the secret. */
async function putChannelSecret(aws: string, url: string): Promise<void> {
  const client = new SecretsManagerClient({ endpoint: aws, region: 'us-east-1', credentials });
  const SecretId = secretNames.channel('nightdesk/local', 'hook');
  const SecretString = JSON.stringify({ url: `${url}/hook`, secret: 'what the receiver and the desk know' });
  const put = () =>
    client.send(new PutSecretValueCommand({ SecretId, SecretString })).then(
      () => true,
      () => false,
    );
  await soon(put, (isDone) => isDone);
  client.destroy();
}
