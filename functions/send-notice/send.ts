/** Sends one notice by one channel. */
import type { PublishNotice } from '@nightdesk/aws';
import { type ChannelConfig, type Notice, type Secrets, SecretUnavailableError, secretNames } from '@nightdesk/core';
import { ChannelError } from './channel-error.ts';
import { type Platform, platforms, retryAfterOf } from './platforms.ts';
import { answerMsMax, post } from './post.ts';

export interface Dispatch {
  /** Its name in notifications.yaml. */
  id: string;
  channel: ChannelConfig;
  notice: Notice;
  text: string;
  nowMs: number;
  /** Reads the secret anew, in case that an old one is why it failed before. */
  fresh: boolean;
}

/** @throws ChannelError or SecretUnavailableError when the channel has not taken it; neither holds a secret */
export type SendNotice = (dispatch: Dispatch) => Promise<void>;

export interface SenderDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  /** `undefined` where no topic was deployed. */
  publish: PublishNotice | undefined;
  /** @default answerMsMax */
  timeoutMs?: number;
}

const reasonLengthMax = 200;
/** Parts of an address as long as this may be tokens. */
const tokenLengthMin = 6;

export function createSender(dependencies: SenderDependencies): SendNotice {
  return (dispatch) => {
    const { type } = dispatch.channel;
    return type === 'sns' ? publishNotice(dispatch, dependencies) : postNotice(dispatch, platforms[type], dependencies);
  };
}

async function postNotice(dispatch: Dispatch, platform: Platform, dependencies: SenderDependencies): Promise<void> {
  const { id, channel, fresh } = dispatch;
  const { secrets, secretsPrefix, timeoutMs = answerMsMax } = dependencies;
  const secretName = secretNames.channel(secretsPrefix, id);
  const secret = parseSecret(platform, secretName, await secrets.get(secretName, { fresh }));
  const answer = await post(platform.request(dispatch, secret), timeoutMs);
  if ('failure' in answer) throw new ChannelError(id, answer.failure);
  if (platform.isTaken(answer)) return;
  const reason = platform.reason?.(answer) ?? '';
  const told = reason !== '' && isFreeOf(reason, Object.values(secret)) ? `: ${reason.slice(0, reasonLengthMax)}` : '';
  const retryAfterSeconds = retryAfterOf(answer);
  throw new ChannelError(id, `(${channel.type}) answered ${answer.status}${told}`, { retryAfterSeconds });
}

async function publishNotice({ id, notice, text }: Dispatch, { publish }: SenderDependencies): Promise<void> {
  if (publish === undefined) throw new ChannelError(id, 'has no topic yet: it is made by the next deployment');
  const { kind, severity, account } = notice;
  try {
    await publish({ subject: `Nightdesk: ${kind} (${severity})`, text, attributes: { kind, severity, account } });
  } catch (error) {
    // The client's own message may quote the request; its class says enough.
    throw new ChannelError(id, `(sns) could not be published to: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

/** @throws SecretUnavailableError naming what to put where, never what is there */
function parseSecret(platform: Platform, name: string, text: string): Record<string, string> {
  const result = platform.secret.safeParse(parseJson(text));
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? 'must be a JSON object' : `"${path.join('.')}" ${message}`,
  );
  throw new SecretUnavailableError(name, fields.join('; '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether none of the secrets, nor a part of an address that may be a token, is in the text. */
function isFreeOf(text: string, secrets: readonly string[]): boolean {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/[/?=&:-]/)]);
  const tokens = parts.filter((part) => part.length >= tokenLengthMin).map((part) => part.toLowerCase());
  return !tokens.some((token) => text.toLowerCase().includes(token));
}
