/** Which dialect a body is written in. */
import { RequestError } from '../../errors.ts';
import type { SignalBody } from '../body.ts';
import { alertatron } from './alertatron.ts';
import { cornix } from './cornix.ts';
import type { Dialect, DialectName, DialectSetting, FieldDialect, TextDialect, Translation } from './dialect.ts';
import { freqtrade } from './freqtrade.ts';
import { hoox } from './hoox.ts';
import { hummingbot } from './hummingbot.ts';
import { junta } from './junta.ts';
import { native } from './native.ts';
import { octobot } from './octobot.ts';
import { okx } from './okx.ts';
import { pineConnector } from './pine-connector.ts';
import { threecommas } from './threecommas.ts';
import { tradeRelay } from './trade-relay.ts';
import { traderspost } from './traderspost.ts';
import { tradingview } from './tradingview.ts';
import { tvHub } from './tv-hub.ts';
import { wundertrading } from './wundertrading.ts';

const fieldDialects: readonly FieldDialect[] = [
  native,
  tradingview,
  threecommas,
  wundertrading,
  okx,
  traderspost,
  tvHub,
  hoox,
  tradeRelay,
  junta,
  freqtrade,
  hummingbot,
  octobot,
];
const textDialects: readonly TextDialect[] = [alertatron, pineConnector, cornix];

/** Every dialect, each under a name of its own. */
export const dialects: readonly Dialect[] = [...fieldDialects, ...textDialects];

/** True when the text has the grammar of a dialect that is not made of keys and values. */
export const readsAsText = (text: string): boolean => textDialects.some((dialect) => dialect.claims(text));

/** True when a source's setting says that its bodies are no keys and values. */
export const isTextSetting = (setting: DialectSetting): boolean => textDialects.some(({ name }) => name === setting);

/** The dialects whose fingerprint a body has. */
export function claimants({ text, fields }: SignalBody): Dialect[] {
  const byText = textDialects.filter((dialect) => dialect.claims(text));
  return [...(fields === undefined ? [] : fieldDialects.filter((dialect) => dialect.claims(fields))), ...byText];
}

/**
 * The dialect of a body: the one that the source names, else the one whose fingerprint the body has. A body without any is native.
 *
 * @throws RequestError `invalid_signal` when the body has the fingerprints of several
 */
export function chooseDialect(body: SignalBody, setting: DialectSetting): Dialect {
  const named = dialects.find(({ name }) => name === setting);
  if (named !== undefined) return named;
  const [first, ...others] = claimants(body);
  if (others.length === 0) return first ?? native;
  const names = [first, ...others].map((dialect) => dialect?.name).join(' and ');
  const message = `the body has keys of ${names}; say which it is with the setting "dialect" of its source in sources.yaml`;
  throw new RequestError('invalid_signal', message, [{ path: '', message }]);
}

/** @throws RequestError naming what the sender wrote and has no meaning here */
export function translateBody(body: SignalBody, setting: DialectSetting): Translation & { dialect: DialectName } {
  const dialect = chooseDialect(body, setting);
  // Only dialects of text are chosen for a body that has no fields.
  const translation = dialect.reads === 'text' ? dialect.translate(body.text) : dialect.translate({ ...body.fields });
  return { ...translation, dialect: dialect.name };
}
