import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVenueNames } from '@nightdesk/exchange/venue-names.ts';
import { App } from 'aws-cdk-lib';
import { ASSET_RESOURCE_METADATA_ENABLED_CONTEXT, type CloudAssembly } from 'aws-cdk-lib/cx-api';
import { buildArtifacts } from './bundling/artifacts.ts';
import { paths } from './config/paths.ts';
import { readDeskConfig } from './config/read-desk-config.ts';
import { settingsOf } from './config/stages.ts';
import { enforceRules } from './constructs/rules.ts';
import { createDesk } from './desk.ts';

export interface SynthesisOptions {
  /** @default the context's `stage`, which `cdk -c stage=prod` sets and which is `dev` in cdk.json */
  readonly stage?: string;
  /** @default what the `cdk` command asks for */
  readonly outDirectory?: string;
}

/**
 * Makes the cloud assembly of one stage: bundles, layer, templates. Needs no credentials, network or Docker.
 *
 * @throws Error when configuration, settings or code are not usable, or a rule is broken without a recorded reason
 */
export async function synthesize({ stage, outDirectory }: SynthesisOptions = {}): Promise<CloudAssembly> {
  const app = createApp(outDirectory);
  const settings = settingsOf(stage ?? String(app.node.tryGetContext('stage')));
  const workDirectory = await mkdtemp(join(tmpdir(), 'nightdesk-synth-'));
  try {
    const artifacts = await buildArtifacts(workDirectory);
    const config = readDeskConfig(paths.config, readVenueNames(join(artifacts.venueLayer, 'venues')));
    createDesk(app, { settings, config, artifacts });
    enforceRules(app);
    return app.synth();
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

/** An app as the `cdk` command would have it: with the feature flags of cdk.json, and resources that name their assets. */
export function createApp(outDirectory?: string): App {
  const { context } = JSON.parse(readFileSync(paths.cdkJson, 'utf8')) as { context: Record<string, unknown> };
  return new App({
    context: { ...context, [ASSET_RESOURCE_METADATA_ENABLED_CONTEXT]: true },
    analyticsReporting: false,
    ...(outDirectory && { outdir: outDirectory }),
  });
}
