import { bodyText, type HttpContentHandler, httpFunction } from '@nightdesk/aws';
import { errorStatuses, metricNames, RequestError } from '@nightdesk/core';
import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiEvent } from '../../support/api-events.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const event = apiEvent({ routeKey: 'GET /orders' });

let telemetry: RecordingTelemetry;

beforeEach(() => {
  telemetry = createRecordingTelemetry();
});

const answer = (handler: HttpContentHandler) => httpFunction(handler, telemetry)(event, {} as Context);
const throwing = (thrown: unknown) =>
  answer(async () => {
    throw thrown;
  });

describe('an HTTP function', () => {
  it('answers JSON that nobody may cache, and writes its metrics', async () => {
    expect(await answer(async () => ({ status: 202, body: { a: [1] } }))).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: '{"a":[1]}',
    });
    expect(telemetry.flushes).toBe(1);
  });

  it.each([
    ['text as it is', 'a,b\n', { body: 'a,b\n', isBase64Encoded: false }],
    ['bytes in base64', Buffer.from([0, 255]), { body: 'AP8=', isBase64Encoded: true }],
  ])('answers %s, typed as it says', async (_what, content, expected) => {
    const headers = { 'content-type': 'text/csv' };
    expect(await answer(async () => ({ status: 200, headers, content }))).toEqual({
      ...{ statusCode: 200, headers: { 'cache-control': 'no-store', ...headers } },
      ...expected,
    });
    expect(telemetry.flushes).toBe(1);
  });

  it.each(Object.entries(errorStatuses) as [keyof typeof errorStatuses, number][])(
    'answers %s with %i',
    async (code, status) => {
      const { statusCode, body } = await throwing(new RequestError(code, 'what is wrong'));
      expect([statusCode, body]).toEqual([status, `{"error":{"code":"${code}","message":"what is wrong"}}`]);
      expect([telemetry.flushes, telemetry.lines]).toEqual([1, []]);
    },
  );

  it('names the fields at fault', async () => {
    const issues = [{ path: 'size.base', message: 'must be above zero' }];
    const { body } = await throwing(new RequestError('invalid_signal', 'no', issues));
    expect(JSON.parse(body ?? '')).toEqual({ error: { code: 'invalid_signal', message: 'no', issues } });
  });

  it.each([
    ['an error', new TypeError('table orders-1 said the-secret')],
    ['no error', 'the-secret'],
    ['nothing', undefined],
  ])('that throws %s answers 500 and says nothing of it', async (_name, thrown) => {
    const { statusCode, body } = await throwing(thrown);
    expect(statusCode).toBe(500);
    expect(telemetry.counts).toEqual(new Map([[metricNames.requestsFailed, 1]]));
    expect(JSON.parse(body ?? '')).toMatchObject({ error: { code: 'internal' } });
    expect(body).not.toContain('the-secret');
    expect(telemetry.lines).toHaveLength(1);
    expect(telemetry.flushes).toBe(1);
  });
});

describe('the text of a body', () => {
  const text = '{"comment":"é"}';
  it.each([
    ['as it is', text, text],
    ['from base64', Buffer.from(text), text],
    ['empty where there is none', undefined, ''],
  ])('is %s', (_name, body, expected) => {
    expect(bodyText(apiEvent({ routeKey: 'POST /signals/{source}', ...(body !== undefined && { body }) }))).toBe(
      expected,
    );
  });
});
