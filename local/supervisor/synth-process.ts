/** Synthesizes the CDK app for local mode: `node synth-process.ts <out directory>`. A process of its own, since the CDK is large. */
import { synthesize } from '@nightdesk/infra/synthesize.ts';

const outDirectory = process.argv[2];
if (outDirectory === undefined) throw new Error('usage: node synth-process.ts <out directory>');
await synthesize({ stage: 'local', outDirectory });
