import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { type DeskConfig, environmentNames, parseDeskConfig } from '@nightdesk/core';
import { clientOptions } from './clients.ts';
import { readEnvironment } from './environment.ts';

export interface DeskConfigProviderOptions {
  /**
   * Asks AppConfig every time, for functions that run so rarely that what they know is always old.
   *
   * @default false: what was read is used for as long as the stage says
   */
  alwaysAsk?: boolean;
}

/** Gives the desk's configuration as AppConfig has it. @throws ConfigurationError when it is not usable. */
export function createDeskConfigProvider({
  alwaysAsk = false,
}: DeskConfigProviderOptions = {}): () => Promise<DeskConfig> {
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
  const freshness = alwaysAsk ? { forceFetch: true } : { maxAge: Number(names.ageSeconds) };
  const ask = (): Promise<unknown> => provider.get(names.profile, { ...freshness, transform: 'json' });
  let known: { document: unknown; config: DeskConfig } | undefined;
  const read = async (): Promise<DeskConfig> => {
    const document = await ask().catch(() => {
      // AppConfig takes the token of a session once, so one whose answer was lost is of no more use.
      provider = startSession();
      return ask();
    });
    // The provider answers the same object until there is a newer one, so it is checked once.
    if (known !== undefined && known.document === document) return known.config;
    const config = parseDeskConfig(document);
    known = { document, config };
    return config;
  };
  // Orders executed side by side share one question, because they share the token.
  let reading: Promise<DeskConfig> | undefined;
  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}
