/** The real adapter in front of a Binance that answers as a test says. */
import { amount, type Market, type OrderRequest, price, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { exchangeInfoRoutes } from './binance-answers.ts';
import { realClock } from './clocks.ts';
import { type Script, type ScriptedAnswer, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

export const credentials = { apiKey: 'the-key-of-main', secret: 'the-secret-of-main' };

/** The order that the answers in `binance-answers.ts` are about. */
export const request: OrderRequest = {
  clientOrderId: 'nd0123456789abcdefghjkmnpq',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  amount: amount('0.01'),
  price: price('60000.1'),
};

/** Answers by method and path, e.g. `POST /api/v3/order`. */
export type Answers = Record<string, ScriptedAnswer | Script>;

export interface ScriptedBinance {
  server: ScriptedServer;
  /** A new adapter, with nothing cached. */
  connect(timeoutMs?: number): Promise<VenuePort>;
  /** Every market of the adapter. */
  markets(): Promise<Market[]>;
  /** BTC/USDT spot. */
  market(): Promise<Market>;
  /** Forgets the requests so far and answers with these; anything else is a 404, which shows as `unavailable`. */
  answerWith(answers: Answers): void;
}

/** @param directory the folder `venues` of a built layer. */
export async function startScriptedBinance(directory: string): Promise<ScriptedBinance> {
  const server = await startScriptedServer(routes({}));
  const connect = (timeoutMs = 1_000) =>
    createVenue({
      venue: 'binance' as VenueId,
      directory,
      credentials,
      mode: 'sandbox',
      exchangeConfig: { baseUrl: server.url, timeoutMs },
      clock: realClock,
    });
  const answerWith = (answers: Answers) => {
    server.requests.length = 0;
    server.script = routes(answers);
  };
  async function markets(): Promise<Market[]> {
    answerWith(exchangeInfoRoutes);
    return (await connect()).fetchMarkets();
  }
  async function market(): Promise<Market> {
    const found = (await markets()).find(({ symbol }) => symbol === request.symbol);
    if (found === undefined) throw new Error(`${request.symbol} is not listed`);
    return found;
  }
  return { server, connect, markets, market, answerWith };
}

const routes =
  (answers: Answers): Script =>
  (sent) => {
    const answer = answers[`${sent.method} ${sent.path}`];
    if (typeof answer === 'function') return answer(sent);
    return answer ?? { status: 404, body: 'no such route in this test' };
  };
