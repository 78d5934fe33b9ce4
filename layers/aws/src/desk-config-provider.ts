import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { checkedConfigIn, type DeskConfig, environmentNames } from '@nightdesk/core';
import { clientOptions } from './clients.ts';
import { readEnvironment } from './environment.ts';
import { nodeSha256Hex } from './sha256.ts';

/**
 * Gives the desk's configuration, as it was at most as long ago as the stage says. With `newest` AppConfig is asked in any
 * case: for what rarely happens, and for what is missing in the configuration that is known.
 *
 * @throws ConfigurationError when it is not usable
 */
export type LoadDeskConfig = (wanted?: { newest: boolean }) => Promise<DeskConfig>;

/** What the bundler puts in place of this name: the rules that the bundle would check a configuration by. */
declare const NIGHTDESK_CONFIG_RULES: string;
const bundledRules = typeof NIGHTDESK_CONFIG_RULES === 'string' ? NIGHTDESK_CONFIG_RULES : undefined;

/** A document that these very rules have checked is taken as it is; for any other, what checks is loaded. */
async function configIn(document: unknown, rules: string | undefined): Promise<DeskConfig> {
  const checked = checkedConfigIn(document, rules, nodeSha256Hex);
  if (checked !== undefined) return checked;
  const { parseDeskConfig } = await import('@nightdesk/core/config/check-config.ts');
  return parseDeskConfig(document);
}

/**
 * The desk's configuration as AppConfig has it.
 *
 * @param options `rules` those by which this code checks it; absent, outside a bundle, every document is checked
 * @throws EnvironmentError at cold start when a variable is missing
 */
export function createDeskConfigProvider(
  options: { rules?: string | undefined } = { rules: bundledRules },
): LoadDeskConfig {
  const { configApplication, configEnvironment, configProfile, configAgeSeconds } = environmentNames;
  const names = readEnvironment({
    application: configApplication,
    environment: configEnvironment,
    profile: configProfile,
    ageSeconds: configAgeSeconds,
  });
  const { application, environment } = names;
  const startSession = () => new AppConfigProvider({ application, environment, clientConfig: clientOptions() });
  let provider = startSession();
  const ask = (forceFetch: boolean): Promise<unknown> =>
    provider.get(names.profile, { maxAge: Number(names.ageSeconds), forceFetch, transform: 'json' });
  let known: { document: unknown; config: DeskConfig } | undefined;
  const read = async (newest: boolean): Promise<DeskConfig> => {
    const document = await ask(newest).catch(() => {
      // AppConfig takes the token of a session once, so one whose answer was lost is of no more use.
      provider = startSession();
      return ask(newest);
    });
    // The provider answers the same object until it asks again, so it is checked once.
    if (known !== undefined && known.document === document) return known.config;
    const config = await configIn(document, options.rules);
    known = { document, config };
    return config;
  };
  // Orders executed side by side share one question, because they share the token.
  let reading: Promise<DeskConfig> | undefined;
  let readingNewest: Promise<DeskConfig> | undefined;
  return ({ newest } = { newest: false }) => {
    if (readingNewest !== undefined) return readingNewest;
    if (!newest) {
      reading ??= read(false).finally(() => {
        reading = undefined;
      });
      return reading;
    }
    const before = reading?.catch(() => undefined) ?? Promise.resolve();
    readingNewest = before
      .then(() => read(true))
      .finally(() => {
        readingNewest = undefined;
      });
    return readingNewest;
  };
}
