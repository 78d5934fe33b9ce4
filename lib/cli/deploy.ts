/** `npm run deploy -- --stage dev`: checks what can be checked here, deploys all stacks, tells what to do next. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { paths } from '../config/paths.ts';
import { readDeskConfig } from '../config/read-desk-config.ts';
import type { StageName } from '../config/stage-settings.ts';
import { settingsOf } from '../config/stages.ts';
import { type DeploymentOutputs, nextSteps } from './next-steps.ts';

const usage = `npm run deploy -- [--stage dev|prod] [--yes]

  --stage   which desk; its settings are in lib/config/stages.ts        (default: dev)
  --yes     do not ask before permissions are widened
  --help    this

Uses the AWS account and region of the current profile; docs/deploy.md begins where there is none.`;

/** @returns the exit code of the deployment */
function deploy(args: string[]): number {
  const options = {
    stage: { type: 'string', default: 'dev' },
    yes: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args, options });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { stage } = settingsOf(values.stage);
  if (stage === 'local') throw new Error('the stage "local" runs on this machine: npm start');
  const config = readDeskConfig(paths.config);
  checkImageBuilder(process.env.CDK_DOCKER ?? 'docker');
  const outputsFile = join(paths.build, `outputs-${stage}.json`);
  mkdirSync(paths.build, { recursive: true });
  const status = runCdk(stage, outputsFile, values.yes === true);
  if (status !== 0) return status;
  const outputs = JSON.parse(readFileSync(outputsFile, 'utf8')) as DeploymentOutputs;
  console.log(`\n${nextSteps(stage, config, outputs)}`);
  return 0;
}

/** The `cdk` command would find out after minutes, with half of the stacks deployed. @throws Error when nothing can build images */
function checkImageBuilder(program: string): void {
  const { status } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (status === 0) return;
  throw new Error(
    `${program} does not run, and Fargate starts an image of the stream service that has to be built: install Docker, or name what takes its place, for example CDK_DOCKER=podman (docs/deploy.md)`,
  );
}

/** Whether there are credentials, and for what, is for the `cdk` command to find out: it knows every way to have some. */
function runCdk(stage: StageName, outputsFile: string, yes: boolean): number {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const approval = yes ? 'never' : 'broadening';
  const context = ['--context', `stage=${stage}`];
  const args = ['deploy', '--all', ...context, '--require-approval', approval, '--outputs-file', outputsFile];
  const { status, error } = spawnSync(process.execPath, [cdk, ...args], { cwd: paths.root, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

try {
  process.exitCode = deploy(process.argv.slice(2));
} catch (error) {
  // What is wrong is in the message; where in this program it was found helps nobody who deploys.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
