import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDocuments } from '@nightdesk/core';
import { nextSteps } from '@nightdesk/infra/cli/next-steps.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { sampleConfig } from './synthesized-desk.ts';

describe('what to do after a deployment', () => {
  const outputs = {
    'nightdesk-dev-api': { ApiUrl: 'https://example.execute-api.eu-west-1.amazonaws.com' },
    'nightdesk-dev-ops': { AlarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:nightdesk-dev-alarms' },
  };

  it('names every secret to fill in and every token to read', () => {
    const text = nextSteps('dev', sampleConfig, outputs);
    for (const account of ['main', 'second']) expect(text).toContain(`nightdesk/dev/accounts/${account}/trading`);
    for (const role of ['viewer', 'trader', 'risk', 'admin']) expect(text).toContain(`nightdesk/dev/tokens/${role}`);
    expect(text).toContain('--secret-id nightdesk/dev/channels/phone\n');
    expect(text).not.toContain('nightdesk/dev/channels/mail');
  });

  it('gives each source its webhook address, and its way to sign if it can', () => {
    const text = nextSteps('dev', sampleConfig, outputs);
    expect(text).toContain('POST https://example.execute-api.eu-west-1.amazonaws.com/signals/alerts/<token>');
    expect(text).toContain('POST https://example.execute-api.eu-west-1.amazonaws.com/signals/scripts, signed with');
    expect(text).not.toContain('nightdesk/dev/sources/alerts/signing');
  });

  it('speaks of an egress address only where there is one', () => {
    expect(nextSteps('dev', sampleConfig, outputs)).not.toContain('Register this address');
    const withEgress = { ...outputs, 'nightdesk-dev-trading': { EgressAddress: '203.0.113.7' } };
    expect(nextSteps('dev', sampleConfig, withEgress)).toContain('203.0.113.7');
  });
});

describe('npm run deploy', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(paths.root, 'lib/cli/deploy.ts'), ...args], { encoding: 'utf8' });

  it('says what it lacks to build images before anything is deployed', () => {
    const env = { CDK_DOCKER: 'nothing-of-that-name' };
    const script = join(paths.root, 'lib/cli/deploy.ts');
    const { status, stderr } = spawnSync(process.execPath, [script, '--stage', 'dev'], { encoding: 'utf8', env });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('nothing-of-that-name does not run'),
    });
    expect(stderr).toContain('CDK_DOCKER=podman');
  });

  it('explains itself', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--stage dev|prod') });
  });

  it.each([
    [['--stage', 'moon'], 'stage "moon" does not exist'],
    [['--stage', 'local'], 'npm start'],
    [['--region', 'x'], "Unknown option '--region'"],
  ])('%j is refused in one line that says why', (args, reason) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('    at ');
  });
});

describe('reading the configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-config-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const write = (documents: Record<string, string>) => {
    for (const name of configDocuments) writeFileSync(join(directory, `${name}.yaml`), documents[name] ?? '');
    return () => readDeskConfig(directory);
  };
  const risk = 'default: { orderNotionalMax: "100", openNotionalMax: "1000" }';

  it('takes an empty document for one without entries', () => {
    expect(write({ risk })()).toMatchObject({ exchanges: {}, accounts: {}, sources: {} });
  });

  it('names document and field of every defect at once', () => {
    const read = write({
      risk,
      exchanges: 'binance: { timeoutMs: 1 }',
      accounts: 'main: { exchange: kraken, mode: live }',
    });
    expect(read).toThrow(/exchanges\.binance\.timeoutMs/);
    expect(write({ risk, accounts: 'main: { exchange: kraken, mode: live }' })).toThrow(
      /accounts\.main\.exchange.*\n.*accounts\.main\.mode/,
    );
  });

  it('names the file that is no YAML', () => {
    expect(write({ risk, sources: 'demo: [unclosed' })).toThrow(/sources\.yaml:1:16: is not YAML/);
  });

  it('the repository’s own is usable', () => {
    expect(Object.keys(readDeskConfig(paths.config).accounts)).not.toEqual([]);
  });
});
