/** The assembly of the present sources: from the cache where it is there, else synthesized. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './guard.ts';
import { hashSources } from './source-hash.ts';

export interface SynthesisOptions {
  /** Root of the repository. */
  root: string;
  /** Shared by everything on this machine that runs the same sources. */
  cacheDirectory: string;
  log: (message: string) => void;
  /** Script that writes an assembly into the folder it is given. @default synthesizes this repository's app */
  script?: string;
}

/** Assemblies unused for so long are deleted. */
const unusedMsMax = 4 * 60 * 60 * 1000;
/** How often sources may change under a running synthesis before it gives up. */
const attemptsMax = 5;
const synthesisMsMax = 120_000;
/** How much of a failed synthesis's output is shown. */
const outputLengthMax = 8_000;
/** What the `cdk` command tells every app: write into the template where each asset lies. */
const appContext = JSON.stringify({ 'aws:cdk:enable-asset-metadata': true });
const synthProcess = fileURLToPath(new URL('./synth-process.ts', import.meta.url));

/**
 * Several starters at once are safe: each synthesizes into a folder of its own, and the first to finish gives its result
 * the final name in one step.
 *
 * @returns the assembly's folder
 * @throws Error with the output of the synthesis when it fails
 */
export async function synthesizeCached(options: SynthesisOptions): Promise<string> {
  const { root, cacheDirectory, log } = options;
  mkdirSync(cacheDirectory, { recursive: true });
  let hash = hashSources(root);
  for (let attempt = 1; !existsSync(assemblyPath(cacheDirectory, hash)); attempt++) {
    if (attempt > attemptsMax) throw new Error('the sources keep changing while the CDK app is synthesized');
    log('synthesizing the CDK app, which is needed once after every change');
    await synthesizeOnce(hash, options);
    hash = hashSources(root);
  }
  const directory = assemblyPath(cacheDirectory, hash);
  keepAssembly(directory);
  deleteUnused(cacheDirectory);
  return directory;
}

const assemblyPath = (cacheDirectory: string, hash: string): string => join(cacheDirectory, `assembly-${hash}`);

/** Publishes nothing when the sources have changed meanwhile: the result may be of neither version. */
async function synthesizeOnce(hash: string, options: SynthesisOptions): Promise<void> {
  const { root, cacheDirectory, script = synthProcess } = options;
  const draft = join(cacheDirectory, `draft-${hash}-${process.pid}-${performance.now()}`);
  try {
    await runSynthesis(script, draft, root);
    if (hashSources(root) === hash) publish(draft, assemblyPath(cacheDirectory, hash));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Marks an assembly as used now. Whoever runs one for long repeats this. */
export function keepAssembly(directory: string): void {
  utimesSync(directory, new Date(), new Date());
}

function publish(draft: string, directory: string): void {
  try {
    renameSync(draft, directory);
  } catch (error) {
    // Another starter was first; its result comes from the same sources.
    if (!existsSync(directory)) throw error;
  }
}

function deleteUnused(cacheDirectory: string): void {
  for (const name of readdirSync(cacheDirectory)) {
    const path = join(cacheDirectory, name);
    const usedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (usedMs !== undefined && Date.now() - usedMs > unusedMsMax) rmSync(path, { recursive: true, force: true });
  }
}

function runSynthesis(script: string, outDirectory: string, root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, outDirectory], {
      cwd: root,
      env: childEnvironment({ CDK_CONTEXT_JSON: appContext }),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: synthesisMsMax,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputLengthMax);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the CDK app cannot be synthesized (${signal ?? `exit code ${code}`}):\n${output.trim()}`));
    });
  });
}
