import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { type DeskConfig, environmentNames, parseDeskConfig } from '@nightdesk/core';
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
  const provider = new AppConfigProvider({ application: names.application, environment: names.environment });
  let known: { document: unknown; config: DeskConfig } | undefined;
  return async () => {
    const document: unknown = await provider.get(names.profile, { maxAge: ageSecondsMax, transform: 'json' });
    // The provider answers the same object until there is a newer one, so it is checked once.
    if (known !== undefined && known.document === document) return known.config;
    const config = parseDeskConfig(document);
    known = { document, config };
    return config;
  };
}
