/** Sets a switch over the API, and asks again where that may help: whoever presses it is in a hurry. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SwitchAnswer, SwitchState } from '@nightdesk/core';

export interface SwitchCall {
  /** Origin of the API. */
  api: string;
  token: string;
  account: string;
  body: { state: SwitchState; reason: string; cancelOrders?: boolean; cancelExits?: boolean };
  /** @default 1000 */
  pauseMs?: number;
}

/** The switch may not be set; the message says what the desk answered, and never the token. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError';
}

/** Setting a switch twice is as good as once. */
const callsMax = 3;
/** The API answers within 30 s. */
const answerMsMax = 35_000;
/** After these the next call may fare better. */
const passing = (status: number): boolean => status === 429 || status >= 500;

/** @throws SwitchError where the desk is not reached, refuses, or fails however often it is asked */
export async function callSwitch({ pauseMs = 1_000, ...call }: SwitchCall): Promise<SwitchAnswer> {
  for (let count = 1; ; count++) {
    const { status, text } = await send(call);
    if (status === 200) return JSON.parse(text) as SwitchAnswer;
    if (!passing(status) || count >= callsMax) throw new SwitchError(refusal(status, text));
    await sleep(pauseMs);
  }
}

/** A desk that cannot be reached counts as status 503. */
async function send({ api, token, account, body }: SwitchCall): Promise<{ status: number; text: string }> {
  const url = `${api.replace(/\/+$/, '')}/risk/${encodeURIComponent(account)}/switch`;
  try {
    const response = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // Another address must not be told the token.
      redirect: 'error',
      signal: AbortSignal.timeout(answerMsMax),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 503, text: `${api} was not reached: ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function refusal(status: number, text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      error?: { message?: string; issues?: { path: string; message: string }[] };
    };
    const issues = (error?.issues ?? []).map(({ path, message }) => `  ${path} ${message}`);
    return [`the desk answered ${status}: ${error?.message ?? text}`, ...issues].join('\n');
  } catch {
    return `the desk answered ${status}: ${text}`;
  }
}
