import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { type DeskConfig, environmentNames, parseDeskConfig } from '@nightdesk/core';
import { clientOptions } from './clients.ts';
import { readEnvironment } from './environment.ts';

/** How long a configuration is used before AppConfig is asked for a newer one. */
const ageSecondsMax = 30;

/** Gives the desk's configuration as AppConfig has it. @throws ConfigurationError when it is not usable. */
export function createDeskConfigProvider(): () => Promise<DeskConfig> {
  const { configApplication, configEnvironment, configProfile } = environmentNames;
  const names = readEnvironment({
    application: configApplication,
    environment: configEnvironment,
    profile: configProfile,
  });
  const { application, environment } = names;
  const startSession = () => new AppConfigProvider({ application, environment, clientConfig: clientOptions() });
  let provider = startSession();
  const ask = (): Promise<unknown> => provider.get(names.profile, { maxAge: ageSecondsMax, transform: 'json' });
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
