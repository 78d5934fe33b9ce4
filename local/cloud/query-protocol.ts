/** AWS's query protocol: a form in, XML out (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html). */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './http.ts';

export function isQueryRequest(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** The request's parameters, `Action` among them. */
export async function readQuery(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request)).toString());
}

const unsafe = /[<>&"'\r]/g;

export function escapeXml(text: string): string {
  return text.replace(unsafe, (character) => `&#${character.charCodeAt(0)};`);
}

export function sendXml(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) });
  response.end(xml);
}

/** An answer to an action. @param result XML inside the action's result, already escaped */
export function queryAnswer({ action, xmlns, result }: { action: string; xmlns: string; result: string }): string {
  return [
    `<${action}Response xmlns="${xmlns}"><${action}Result>${result}</${action}Result>`,
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  ].join('');
}

export function queryError(code: string, message: string): string {
  return [
    `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code>`,
    `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  ].join('');
}
