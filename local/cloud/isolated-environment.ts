/** What every process of the desk's code gets, whatever runs it. It is built from nothing: no variable of this process gets in. */
import { devNull } from 'node:os';

/** Where code believes to run when nothing else is said. */
export const defaultRegion = 'us-east-1';

/** Nothing here can reach a real AWS account. */
const isolation: Readonly<Record<string, string>> = {
  AWS_REGION: defaultRegion,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

/** Windows programs cannot open sockets without knowing the system folder. */
const windowsVariables = ['SystemRoot', 'TEMP'];

export function isolatedEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...platformVariables(),
    ...isolation,
  };
}

function platformVariables(): Record<string, string> {
  if (process.platform !== 'win32') return {};
  return Object.fromEntries(windowsVariables.map((name) => [name, process.env[name] ?? '']));
}
