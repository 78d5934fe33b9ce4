import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { synthesize } from '@nightdesk/infra/synthesize.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; Metadata?: Record<string, string> }>;
}

const directory = mkdtempSync(join(tmpdir(), 'nightdesk-synth-test-'));
const byCommand = join(directory, 'by-command');
const inProcess = join(directory, 'in-process');
/** Nothing listens there, so a call to the outside fails at once. */
const deadProxy = 'http://127.0.0.1:9';

function runCdkSynth() {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  return spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--output', byCommand], {
    cwd: paths.root,
    encoding: 'utf8',
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: directory,
      HTTP_PROXY: deadProxy,
      HTTPS_PROXY: deadProxy,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
}

const readJson = <Content>(...path: string[]): Content => JSON.parse(readFileSync(join(...path), 'utf8')) as Content;

function assetsOf(outDirectory: string, type: string): [string, string][] {
  return ['Trading', 'Collection', 'Stream', 'Api'].flatMap((stack) => {
    const { Resources } = readJson<Template>(outDirectory, `${stack}.template.json`);
    const ofType = Object.values(Resources).filter((resource) => resource.Type === type);
    return ofType.map(({ Properties, Metadata }): [string, string] => [
      String(Properties.FunctionName),
      join(outDirectory, Metadata?.['aws:asset:path'] ?? 'no asset'),
    ]);
  });
}

let command: ReturnType<typeof runCdkSynth>;

beforeAll(async () => {
  command = runCdkSynth();
  await synthesize({ stage: 'local', outDirectory: inProcess });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('npm run synth, without credentials and network', () => {
  it('succeeds', () => {
    expect({ status: command.status, stderr: command.status === 0 ? '' : command.stderr }).toEqual({
      status: 0,
      stderr: '',
    });
  });

  it('makes the six stacks of dev, and misses nothing that it would have to look up', () => {
    const { artifacts, missing } = readJson<{
      artifacts: Record<string, { properties: { stackName?: string } }>;
      missing?: unknown;
    }>(byCommand, 'manifest.json');
    const stacks = Object.values(artifacts).flatMap(({ properties }) => properties?.stackName ?? []);
    expect(stacks.sort()).toEqual([
      'nightdesk-dev-api',
      'nightdesk-dev-collection',
      'nightdesk-dev-data',
      'nightdesk-dev-ops',
      'nightdesk-dev-stream',
      'nightdesk-dev-trading',
    ]);
    expect(missing).toBeUndefined();
  });
});

describe('the assembly for the local cloud', () => {
  it('bundles each function into a module that exports its handler, and what that loads when it comes to it', () => {
    const bundles = assetsOf(inProcess, 'AWS::Lambda::Function');
    expect(bundles.map(([name]) => name).sort()).toEqual(functionNames.map((name) => `nightdesk-local-${name}`).sort());
    for (const [, folder] of bundles) {
      expect(readdirSync(folder)).toEqual(['chunks', 'index.mjs']);
      expect(readFileSync(join(folder, 'index.mjs'), 'utf8')).toMatch(/export\s*\{[^}]*\bhandler\b[^}]*\}/);
    }
  });

  it('is the very same code that a deployment ships', () => {
    const codes = (outDirectory: string, stage: string) =>
      assetsOf(outDirectory, 'AWS::Lambda::Function').map(([name, folder]) => [
        name.replace(`nightdesk-${stage}-`, ''),
        createHash('sha256')
          .update(readFileSync(join(folder, 'index.mjs')))
          .digest('hex'),
      ]);
    expect(codes(inProcess, 'local')).toEqual(codes(byCommand, 'dev'));
  });

  it('has the venues where functions look for them', () => {
    const [[, folder] = ['', '']] = assetsOf(inProcess, 'AWS::Lambda::LayerVersion');
    expect(existsSync(join(folder, 'venues/rest/binance.js'))).toBe(true);
    expect(existsSync(join(folder, 'venues/package.json'))).toBe(true);
  });

  it('takes the configuration from config/*.yaml', () => {
    const { Resources } = readJson<Template>(inProcess, 'Trading.template.json');
    const version = Object.values(Resources).find(({ Type }) => Type === 'AWS::AppConfig::HostedConfigurationVersion');
    expect(Object.keys(JSON.parse(String(version?.Properties.Content)))).toEqual([
      'exchanges',
      'accounts',
      'sources',
      'risk',
      'notifications',
      'collection',
      'checked',
    ]);
  });
});
