import { bodyText } from '@nightdesk/aws';
import { RequestError } from '@nightdesk/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Credentials } from './authenticate.ts';

/** Longest body of a signal, in bytes of UTF-8. */
export const signalBytesMax = 64 * 1024;

/** What a request says before anything of it is believed. @throws RequestError `too_large` */
export function readRequest(event: APIGatewayProxyEventV2): Credentials {
  const body = bodyText(event);
  if (Buffer.byteLength(body) > signalBytesMax) {
    throw new RequestError('too_large', `a signal may be ${signalBytesMax} bytes long at most`);
  }
  const { source = '', token } = event.pathParameters ?? {};
  const { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': signature } = event.headers;
  return {
    source,
    body,
    sourceIp: event.requestContext.http.sourceIp,
    ...(token !== undefined && { token }),
    ...(timestamp !== undefined && { timestamp }),
    ...(signature !== undefined && { signature }),
  };
}
