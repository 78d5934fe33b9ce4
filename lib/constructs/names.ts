import type { StageSettings } from '../config/stage-settings.ts';

/** The name of a resource that people type into commands, e.g. `nightdesk-dev-execute-order`. */
export const resourceName = ({ stage }: Pick<StageSettings, 'stage'>, name: string): string =>
  `nightdesk-${stage}-${name}`;

/** What the stage's secrets are named below, e.g. `nightdesk/dev`. */
export const secretsPrefix = ({ stage }: Pick<StageSettings, 'stage'>): string => `nightdesk/${stage}`;
