/** How edgeX is talked to: addresses, signatures, pages, errors. */
import { AuthenticationError, BadRequest, BadResponse, Exchange, ExchangeError } from 'ccxt';
import { description, endpoints } from './describe.ts';
import { flatten, signRequest } from './request-signature.ts';
import { readStarkKey, type StarkKey } from './stark-curve.ts';

export type Parameters = Readonly<Record<string, unknown>>;
/** One object of an answer. */
export type Entry = Record<string, unknown>;

type PublicGet = keyof typeof endpoints.public.get;
type PrivateGet = keyof typeof endpoints.private.get;
type PrivatePost = keyof typeof endpoints.private.post;

/** A list that edgeX hands out in pages. */
interface PagedList {
  path: PrivateGet;
  parameters: Parameters;
  /** Entries per page at most, by edgeX's documentation. */
  pageSize: number;
  /** Stop here. All entries are read where it is absent. */
  entriesMax?: number | undefined;
}

/** ccxt's value for steps that are given as such, not as a number of places. */
const tickSize = 4;
/** Pages that are read of one list: more is an error, for half a list would show that an order does not exist. */
const pagesMax = 50;
/** What needs no escape in a query. edgeX and its SDKs disagree about signing what does. */
const queryValuePattern = /^[\w.,-]*$/;

export class EdgexClient extends Exchange {
  override describe(): unknown {
    return this.deepExtend(super.describe(), description, { precisionMode: tickSize });
  }

  /** The answer's `data`, with the time at which edgeX wrote it. */
  protected async ask(path: PublicGet, parameters: Parameters = {}): Promise<{ data: unknown; answeredMs?: number }> {
    const config = { cost: endpoints.public.get[path] };
    const answer: Entry = await this.request(path, 'public', 'GET', { ...parameters }, undefined, undefined, config);
    const answeredMs = this.safeInteger(answer, 'responseTime');
    return { data: answer.data, ...(answeredMs !== undefined && { answeredMs }) };
  }

  protected async askPrivately(path: PrivateGet, parameters: Parameters = {}): Promise<unknown> {
    const config = { cost: endpoints.private.get[path] };
    const answer: Entry = await this.request(path, 'private', 'GET', { ...parameters }, undefined, undefined, config);
    return answer.data;
  }

  protected async command(path: PrivatePost, parameters: Parameters): Promise<Entry> {
    const config = { cost: endpoints.private.post[path] };
    const answer: Entry = await this.request(path, 'private', 'POST', { ...parameters }, undefined, undefined, config);
    return entryOf(answer.data ?? {});
  }

  /** @throws ExchangeError when the list is longer than may be read. */
  protected async askForAll({ path, parameters, pageSize, entriesMax }: PagedList): Promise<Entry[]> {
    const entries: Entry[] = [];
    let offset = '';
    for (let page = 0; page < pagesMax; page += 1) {
      const position = offset === '' ? {} : { offsetData: offset };
      const data = entryOf(await this.askPrivately(path, { size: String(pageSize), ...parameters, ...position }));
      entries.push(...listOf(data.dataList));
      offset = this.safeString(data, 'nextPageOffsetData') ?? '';
      if (offset === '' || entries.length >= (entriesMax ?? Number.POSITIVE_INFINITY)) return entries;
    }
    throw new ExchangeError(`${this.id} ${path} has more than ${pagesMax} pages; ask for a shorter time`);
  }

  override sign(path: string, api = 'public', method = 'GET', params: Parameters = {}) {
    const privately = api === 'private';
    if (privately) this.checkRequiredCredentials();
    const parameters = privately ? { accountId: this.accountId, ...params } : params;
    const requestPath = `/api/${this.version}/${api}/${path}`;
    const query = method === 'GET' ? this.#query(parameters) : '';
    const url = `${this.urls.api[api]}${requestPath}${query === '' ? '' : `?${query}`}`;
    const body = method === 'GET' ? undefined : this.json(parameters);
    if (!privately) return { url, method, body, headers: undefined };
    const timestampMs = this.milliseconds();
    const headers = {
      'Content-Type': 'application/json',
      'X-edgeX-Api-Timestamp': String(timestampMs),
      'X-edgeX-Api-Signature': signRequest({ timestampMs, method, path: requestPath, parameters }, this.starkKey()),
    };
    return { url, method, body, headers };
  }

  /** @throws AuthenticationError when the private key is none of the Stark curve; it is not repeated. */
  protected starkKey(): StarkKey {
    const key = readStarkKey(this.privateKey);
    if (key === undefined) {
      throw new AuthenticationError(
        `${this.id} privateKey is no Stark private key: hex digits below the curve's order`,
      );
    }
    return key;
  }

  override handleErrors(
    statusCode: number,
    _statusText: string,
    _url: string,
    _method: string,
    _headers: unknown,
    body: string,
    response: unknown,
  ): undefined {
    if (typeof response !== 'object' || response === null) return undefined;
    const code = this.safeString(response, 'code');
    if (code === 'SUCCESS') return undefined;
    // What is not written by edgeX itself is judged by its status.
    if (code === undefined && statusCode >= 300) return undefined;
    const feedback = `${this.id} ${body}`;
    if (code === undefined) throw new BadResponse(feedback);
    this.throwByCode(code, feedback);
    throw new ExchangeError(feedback);
  }

  protected throwByCode(code: string, feedback: string): void {
    this.throwExactlyMatchedException(this.exceptions.exact, code, feedback);
    this.throwBroadlyMatchedException(this.exceptions.broad, code, feedback);
  }

  #query(parameters: Parameters): string {
    if (Object.values(parameters).every((value) => queryValuePattern.test(String(value)))) return flatten(parameters);
    throw new BadRequest(`${this.id} takes letters, digits and . , _ - in the parameters of a question`);
  }
}

/** @throws BadResponse where an empty value would look as if edgeX had nothing. */
export function entryOf(value: unknown): Entry {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entry;
  throw new BadResponse('edgex answers without an object where there must be one');
}

export function listOf(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.map(entryOf);
  throw new BadResponse('edgex answers without a list where there must be one');
}
