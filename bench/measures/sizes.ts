/** What is uploaded: each function's bundle, and the venue layer beside the package it is made from. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildArtifacts } from '@nightdesk/infra/bundling/artifacts.ts';
import { type Report, times } from '../report.ts';
import { rounded } from '../statistics.ts';

interface Size {
  files: number;
  bytes: number;
  /** Every file by itself, as in the zip file that Lambda gets. */
  gzipBytes: number;
}

const ccxtRoot = resolve(dirname(createRequire(import.meta.resolve('@nightdesk/exchange')).resolve('ccxt')), '..');

/** Folders of the layer, and what they hold. */
const layerFolders = {
  rest: 'venues over HTTP',
  pro: 'venues with streams',
  chunks: 'what venues share',
  lazy: 'what is read when first used',
} as const;

export async function measureSizes(): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
  try {
    const { functions, venueLayer } = await buildArtifacts(directory);
    const bundles = Object.fromEntries(Object.entries(functions).map(([name, folder]) => [name, sizeOf(folder)]));
    const [layer, ccxt] = [sizeOf(join(venueLayer, 'venues')), sizeOf(ccxtRoot)];
    const layerParts = Object.fromEntries(
      Object.entries(layerFolders).map(([folder, title]) => [title, sizeOf(join(venueLayer, 'venues', folder))]),
    );
    const ccxtModules = sizeOf(join(ccxtRoot, 'js'));
    const ratio = rounded(ccxt.bytes / layer.bytes);
    const gzipRatio = rounded(ccxt.gzipBytes / layer.gzipBytes);
    return {
      title: 'Sizes',
      columns: ['', 'files', 'KB', 'KB gzip'],
      rows: [
        ...Object.entries(bundles).map(([name, size]) => row(name, size)),
        row('venue layer, every venue', layer),
        ...Object.entries(layerParts).map(([title, size]) => row(`  of which ${title}`, size)),
        row('ccxt package', ccxt),
        row('  of which modules that Node imports', ccxtModules),
      ],
      notes: [`the layer is ${times(ratio)} smaller than the package, ${times(gzipRatio)} when compressed`],
      figures: { bundles, layer, layerParts, ccxt, ccxtModules, ratio, gzipRatio },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sizeOf(directory: string): Size {
  const size: Size = { files: 0, bytes: 0, gzipBytes: 0 };
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name);
    if (!statSync(path).isFile()) continue;
    const content = readFileSync(path);
    size.files += 1;
    size.bytes += content.length;
    size.gzipBytes += gzipSync(content).length;
  }
  return size;
}

function row(name: string, { files, bytes, gzipBytes }: Size): string[] {
  return [name, String(files), kilobytes(bytes), kilobytes(gzipBytes)];
}

const kilobytes = (bytes: number): string => Math.round(bytes / 1024).toLocaleString('en-US');
