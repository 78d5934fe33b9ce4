/** Who sent this? A token in the path, or a signature over timestamp and body. */
import { createHmac } from 'node:crypto';
import { equalSecrets } from '@nightdesk/aws';
import { RequestError, type Secrets, type SourceConfig, secretNames, tradingViewIps } from '@nightdesk/core';

/** How far the signed timestamp may be from Nightdesk's clock, either way. */
const timestampDriftMsMax = 300_000;
/** How long one signature is good, from a clock that is ahead to one that is behind. */
export const signatureMsMax = 2 * timestampDriftMsMax;

export interface Credentials {
  source: string;
  /** From the path. */
  token?: string;
  /** `X-Nightdesk-Timestamp`, epoch seconds. */
  timestamp?: string;
  /** `X-Nightdesk-Signature`, `sha256=<hex>`. */
  signature?: string;
  sourceIp: string;
  body: string;
}

export interface AuthenticationPorts {
  secrets: Secrets;
  secretsPrefix: string;
  nowMs: number;
}

/** Every refusal looks the same, so that nobody learns which sources exist. */
const refused = (): RequestError => new RequestError('not_authenticated', 'source, token or signature is wrong');

/** @throws RequestError `not_authenticated`, or `forbidden` for an address that is not allowed */
export async function authenticate(
  credentials: Credentials,
  config: SourceConfig | undefined,
  ports: AuthenticationPorts,
): Promise<void> {
  const { token, timestamp, signature } = credentials;
  if (token === undefined && (timestamp === undefined || signature === undefined)) {
    const message = 'send X-Nightdesk-Timestamp and X-Nightdesk-Signature, or use the path with a token';
    throw new RequestError('not_authenticated', message);
  }
  if (config === undefined) throw refused();
  if (token === undefined) await checkSignature(credentials, config, ports);
  else await checkToken(credentials.source, { token, config, ports });
  if (!isAllowedIp(credentials.sourceIp, config.allowedIps)) {
    throw new RequestError('forbidden', `the address ${credentials.sourceIp} is not allowed for this source`);
  }
}

async function checkToken(
  source: string,
  { token, config, ports }: { token: string; config: SourceConfig; ports: AuthenticationPorts },
): Promise<void> {
  if (!config.authentication.includes('token')) throw refused();
  const expected = await ports.secrets.get(secretNames.source(ports.secretsPrefix, source, 'token'));
  if (!equalSecrets(token, expected)) throw refused();
}

async function checkSignature(
  { source, timestamp = '', signature = '', body }: Credentials,
  config: SourceConfig,
  ports: AuthenticationPorts,
): Promise<void> {
  if (!config.authentication.includes('signing')) throw refused();
  const secret = await ports.secrets.get(secretNames.source(ports.secretsPrefix, source, 'signing'));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  if (!equalSecrets(signature.toLowerCase(), `sha256=${digest}`)) throw refused();
  // Only after the signature: a stranger learns nothing about the clock, a sender with a wrong clock learns what to mend.
  const driftMs = Math.abs(Number(timestamp) * 1000 - ports.nowMs);
  if (!/^\d{1,12}$/.test(timestamp) || driftMs > timestampDriftMsMax) {
    const message = 'X-Nightdesk-Timestamp must be the time of sending in epoch seconds, at most 5 minutes off';
    throw new RequestError('not_authenticated', message, [{ path: 'X-Nightdesk-Timestamp', message }]);
  }
}

function isAllowedIp(sourceIp: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true;
  return allowed.some((entry) => (entry === 'tradingview' ? tradingViewIps.has(sourceIp) : entry === sourceIp));
}
