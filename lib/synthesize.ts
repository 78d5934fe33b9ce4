import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildArtifacts } from './bundling/artifacts.ts';
import { paths } from './config/paths.ts';
import { readDeskConfig } from './config/read-desk-config.ts';
import { settingsOf } from './config/stages.ts';
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
  const config = readDeskConfig(paths.config);
  const workDirectory = await mkdtemp(join(tmpdir(), 'nightdesk-synth-'));
  try {
    createDesk(app, { settings, config, artifacts: await buildArtifacts(workDirectory) });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return app.synth();
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

/** An app with the feature flags of cdk.json, which otherwise only the `cdk` command would pass on. */
export function createApp(outDirectory?: string): App {
  const { context } = JSON.parse(readFileSync(paths.cdkJson, 'utf8')) as { context: Record<string, unknown> };
  return new App({ context, analyticsReporting: false, ...(outDirectory && { outdir: outDirectory }) });
}
