/** Builds the event of a Lambda proxy integration, payload format version 2.0. Pure. */

/** Source: "AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer guide. */
export interface HttpApiEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: '$default';
    /** Common log format, e.g. `12/Mar/2020:19:03:58 +0000`. */
    readonly time: string;
    /** UTC epoch milliseconds. */
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** What arrived, and where it is routed. */
export interface ReceivedRequest {
  readonly accountId: string;
  readonly apiId: string;
  readonly routeKey: string;
  readonly method: string;
  /** Percent-decoded path, without the query. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  readonly protocol: string;
  /** Names and values alternating, as Node gives them. */
  readonly rawHeaders: readonly string[];
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly sourceIp: string;
  readonly port: number;
  readonly requestId: string;
  readonly receivedMs: number;
  readonly body: Buffer;
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Bodies of these media types reach the function as text; all others, form posts included, as base64. */
const textMediaType = /^(text\/.*|application\/(json|javascript|xml)|application\/.*\+(json|xml))$/;

/** Headers about one connection end at API Gateway; cookies have their own field in the event. */
const droppedHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'cookie']);

export function buildEvent(request: ReceivedRequest): HttpApiEvent {
  const { headers, cookies } = readHeaders(request);
  const queryStringParameters = joinQueryParameters(request.query);
  const isText = isTextBody(headers);
  const host = headers.host ?? '';
  return {
    version: '2.0',
    routeKey: request.routeKey,
    // HTTP APIs, unlike REST APIs and function URLs, deliver this path decoded in spite of its name.
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(queryStringParameters && { queryStringParameters }),
    ...(hasKeys(request.pathParameters) && { pathParameters: request.pathParameters }),
    requestContext: {
      accountId: request.accountId,
      apiId: request.apiId,
      domainName: host,
      domainPrefix: request.apiId,
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey: request.routeKey,
      stage: '$default',
      time: commonLogTime(request.receivedMs),
      timeEpoch: request.receivedMs,
    },
    ...(request.body.length > 0 && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function readHeaders(request: ReceivedRequest): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/; */).filter((cookie) => cookie !== ''));
    if (droppedHeaders.has(name)) continue;
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  const forwardedFor = headers['x-forwarded-for'];
  headers['content-length'] ??= String(request.body.length);
  headers['x-forwarded-for'] = forwardedFor ? `${forwardedFor}, ${request.sourceIp}` : request.sourceIp;
  headers['x-forwarded-port'] = String(request.port);
  headers['x-forwarded-proto'] = 'http';
  return { headers, cookies };
}

function isTextBody(headers: Readonly<Record<string, string>>): boolean {
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return false;
  const mediaType = (headers['content-type'] ?? 'text/plain').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return textMediaType.test(mediaType);
}

/** Repeated names are joined by commas, decoded, as format 2.0 does. */
function joinQueryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = parameters[name];
    parameters[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return parameters;
}

function hasKeys(values: Readonly<Record<string, string>>): boolean {
  return Object.keys(values).length > 0;
}

function commonLogTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  const month = monthNames[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
