/** One file of the configuration: its YAML, and where in it each field stands. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';

export interface ConfigFile {
  /** The document; `undefined` when the file is not YAML. */
  content?: unknown;
  /** What is wrong with the YAML itself. */
  defects: { at: string; message: string }[];
  /** `file:line:column` of a field, or of the closest one above it that is there. */
  locate(path: readonly PropertyKey[]): string;
}

/** @param file how messages name it */
export function parseConfigFile(file: string, text: string): ConfigFile {
  const lines = new LineCounter();
  // Core schema of YAML 1.2: `no` is a text, and the same key twice is an error.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const problems = [...document.errors, ...document.warnings];
  const defects = problems.map(({ code, message, pos }) => ({
    at: placeOf(pos[0]),
    message: code === 'DUPLICATE_KEY' ? `"${keyAt(text, pos[0])}" is there twice` : `is not YAML: ${message}`,
  }));
  const locate = (path: readonly PropertyKey[]) => placeOf(offsetOf(document, path));
  if (defects.length > 0) return { defects, locate };
  try {
    // An empty file is an empty document: a desk without sources is a desk that takes no signals.
    return { content: document.toJS() ?? {}, defects, locate };
  } catch (error) {
    // An alias of nothing, or aliases of aliases that would fill the memory.
    return { defects: [{ at: placeOf(0), message: error instanceof Error ? error.message : String(error) }], locate };
  }
}

/** A key as it is written there, without its quotes. */
const keyAt = (text: string, offset: number): string => /^["']?([^\s:"']*)/.exec(text.slice(offset))?.[1] ?? '';

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node = document.contents as Node | null;
  let offset = 0;
  for (const step of path) {
    const found = stepInto(document, node, step);
    if (found === undefined) return offset;
    offset = found.offset;
    node = found.node;
  }
  return offset;
}

function stepInto(
  document: Document,
  node: Node | null,
  step: PropertyKey,
): { offset: number; node: Node | null } | undefined {
  const target = node !== null && 'resolve' in node ? (node.resolve(document) ?? null) : node;
  if (isMap(target)) {
    const pair = target.items.find(({ key }) => isScalar(key) && String(key.value) === String(step)) as
      | Pair<Node, Node | null>
      | undefined;
    return pair && { offset: pair.key.range?.[0] ?? 0, node: pair.value };
  }
  if (!isSeq(target)) return undefined;
  const item = target.items[Number(step)] as Node | undefined;
  return item && { offset: item.range?.[0] ?? 0, node: item };
}
