import { type DeskConfig, roles, secretNames } from '@nightdesk/core';
import type { StageName } from '../config/stage-settings.ts';
import { secretsPrefix } from '../constructs/names.ts';

/** What a deployment answered: outputs by the name of their stack, as `cdk deploy --outputs-file` writes them. */
export type DeploymentOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

const readCommand = (secretName: string): string =>
  `aws secretsmanager get-secret-value --query SecretString --output text --secret-id ${secretName}`;

const putCommand = (secretName: string): string =>
  `aws secretsmanager put-secret-value --secret-string file:///dev/stdin --secret-id ${secretName}`;

const list = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');

/** What an owner does after a deployment, with this desk's names in it. Names secrets, holds none. */
export function nextSteps(stage: StageName, config: DeskConfig, outputs: DeploymentOutputs): string {
  const prefix = secretsPrefix({ stage });
  const output = (stack: string, name: string): string | undefined => outputs[`nightdesk-${stage}-${stack}`]?.[name];
  const api = output('api', 'ApiUrl') ?? 'the API is not deployed';
  const egress = output('trading', 'EgressAddress');
  const topic = output('ops', 'AlarmTopicArn');
  const channels = Object.entries(config.notifications.channels)
    .filter(([, { type }]) => type !== 'sns')
    .map(([channel]) => putCommand(secretNames.channel(prefix, channel)));
  const sections = [
    ['The desk answers at', [api]],
    [
      'Put the keys of each account in its place; they are typed, not kept in the history of the shell',
      Object.keys(config.accounts).map((account) => putCommand(secretNames.trading(prefix, account))),
    ],
    [
      'Let each venue say what its keys may do, before anything is traded with them',
      [`npm run accounts -- check --stage ${stage}`],
    ],
    ...(channels.length > 0 ? [['Fill in what each channel of notifications sends with', channels] as const] : []),
    ['Read the bearer token of a role', roles.map((role) => readCommand(secretNames.token(prefix, role)))],
    ['Give each sender its address, or its secret to sign with', senders(prefix, config, api)],
    ...(egress ? [['Register this address with the keys at each venue', [egress]] as const] : []),
    ...(topic
      ? [
          [
            'Hear alarms',
            [`aws sns subscribe --protocol email --notification-endpoint <you> --topic-arn ${topic}`],
          ] as const,
        ]
      : []),
  ] as const;
  return sections.map(([title, lines]) => `${title}:\n${list(lines)}`).join('\n\n');
}

function senders(prefix: string, config: DeskConfig, api: string): string[] {
  return Object.entries(config.sources).flatMap(([source, { authentication }]) =>
    authentication.map((kind) => {
      const secret = readCommand(secretNames.source(prefix, source, kind));
      return kind === 'token'
        ? `${source}: POST ${api}/signals/${source}/<token>, the token from: ${secret}`
        : `${source}: POST ${api}/signals/${source}, signed with: ${secret}`;
    }),
  );
}
