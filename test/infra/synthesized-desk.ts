/** Templates to assert on. Stand-ins take the place of bundles and layer, so that no test waits for a build. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeskConfig, parseDeskConfig } from '@nightdesk/core';
import type { Artifacts } from '@nightdesk/infra/bundling/artifacts.ts';
import type { FunctionBundles } from '@nightdesk/infra/bundling/bundle-functions.ts';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import type { StageSettings } from '@nightdesk/infra/config/stage-settings.ts';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { createDesk } from '@nightdesk/infra/desk.ts';
import { createApp } from '@nightdesk/infra/synthesize.ts';
import { Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

export const stackNames = ['data', 'trading', 'collection', 'stream', 'api', 'ops'] as const;
export type StackName = (typeof stackNames)[number];

/** One account and one source of each kind, so that a permission for all of them shows. */
export const sampleConfig: DeskConfig = parseDeskConfig({
  exchanges: { binance: {}, kraken: {} },
  accounts: { main: { exchange: 'binance', mode: 'sandbox' }, second: { exchange: 'kraken', mode: 'sandbox' } },
  sources: {
    alerts: { authentication: ['token'], accounts: ['main'] },
    scripts: { authentication: ['token', 'signing'], accounts: ['main', 'second'] },
  },
  risk: { default: { orderNotionalMax: '100', openNotionalMax: '1000' } },
  notifications: { channels: { phone: { type: 'telegram' }, hook: { type: 'webhook' }, mail: { type: 'sns' } } },
});

export interface SynthesizedDesk {
  settings: StageSettings;
  templates: Record<StackName, Template>;
  /** `rule at construct path`, for every rule that is broken without a recorded reason. */
  findings: string[];
  /** The recorded reasons. */
  acknowledgements: { id: string; reason: string }[];
}

function standInArtifacts(directory: string): Artifacts {
  const functions = Object.fromEntries(
    functionNames.map((name) => {
      const bundle = join(directory, name);
      mkdirSync(bundle, { recursive: true });
      writeFileSync(join(bundle, 'index.mjs'), `export const handler = async () => '${name}';`);
      return [name, bundle];
    }),
  ) as FunctionBundles;
  const venueLayer = join(directory, 'venue-layer');
  mkdirSync(join(venueLayer, 'venues'), { recursive: true });
  writeFileSync(join(venueLayer, 'venues', 'binance.js'), 'export default class {}');
  const streamImage = join(directory, 'stream-image');
  mkdirSync(streamImage);
  writeFileSync(join(streamImage, 'Dockerfile'), 'FROM scratch\n');
  return { functions, configRules: 'rules-of-this-test', venueLayer, streamImage };
}

function acknowledgedBy({ node }: IConstruct): { id: string; reason: string }[] {
  const entries = node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return entries.flatMap(({ data }) =>
    Object.entries(data as Record<string, string>).map(([id, reason]) => ({ id, reason })),
  );
}

/** Synthesizes one stage in memory, as far as CDK allows, with some of its settings changed or another configuration. */
export function synthesizeDesk(
  stage: string,
  changes: Partial<StageSettings> = {},
  config: DeskConfig = sampleConfig,
): SynthesizedDesk {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-infra-'));
  try {
    const settings = { ...settingsOf(stage), ...changes };
    const app = createApp(join(directory, 'cdk.out'));
    const desk = createDesk(app, { settings, config, artifacts: standInArtifacts(directory) });
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const findings = violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );
    const templates = Object.fromEntries(stackNames.map((name) => [name, Template.fromStack(desk[name])]));
    const acknowledgements = app.node.findAll().flatMap(acknowledgedBy);
    return { settings, templates: templates as Record<StackName, Template>, findings, acknowledgements };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
