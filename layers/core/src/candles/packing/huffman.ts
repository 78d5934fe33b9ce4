/**
 * Huffman codes (D. A. Huffman, 1952) in canonical form: who knows how long the code of each symbol is, knows the codes.
 */

/** Longest code, so that a table of 2,048 entries tells any of them. */
export const codeLengthMax = 11;

/**
 * How long each symbol's code is; 0 for those that do not occur.
 *
 * @param counts how often each symbol occurs, by symbol; at least two do, and at most 64
 */
export function codeLengthsOf(counts: readonly number[]): number[] {
  // Rounding the counts up as they are halved makes them alike, and the tree flat, at little cost.
  for (let weights = counts; ; weights = weights.map((weight) => Math.ceil(weight / 2))) {
    const lengths = treeDepths(weights);
    if (Math.max(...lengths) <= codeLengthMax) return lengths;
  }
}

interface Node {
  weight: number;
  symbols: readonly number[];
}

/** Joins the two lightest until one is left; each symbol is as deep as it was joined often. */
function treeDepths(weights: readonly number[]): number[] {
  const depths = weights.map(() => 0);
  const nodes: Node[] = weights.flatMap((weight, symbol) => (weight === 0 ? [] : [{ weight, symbols: [symbol] }]));
  while (nodes.length > 1) {
    nodes.sort((left, right) => right.weight - left.weight);
    const [first, second] = nodes.splice(-2) as [Node, Node];
    const symbols = [...first.symbols, ...second.symbols];
    for (const symbol of symbols) depths[symbol] = (depths[symbol] as number) + 1;
    nodes.push({ weight: first.weight + second.weight, symbols });
  }
  return depths;
}

/** The code of each symbol: shorter ones first, then by symbol, counted up. */
export function codesOf(lengths: readonly number[]): number[] {
  const codes = lengths.map(() => 0);
  let code = 0;
  for (let length = 1; length <= codeLengthMax; length += 1) {
    code *= 2;
    lengths.forEach((symbolLength, symbol) => {
      if (symbolLength !== length) return;
      codes[symbol] = code;
      code += 1;
    });
  }
  return codes;
}

/** Tells a code by the next `bits` bits. */
export interface DecodeTable {
  bits: number;
  /** `symbol * 16 + length of its code`; 0 where there is no such code. */
  entries: Uint16Array;
}

export function decodeTableOf(lengths: readonly number[]): DecodeTable {
  const bits = Math.max(...lengths);
  const entries = new Uint16Array(2 ** bits);
  codesOf(lengths).forEach((code, symbol) => {
    const length = lengths[symbol] as number;
    if (length === 0) return;
    const start = code << (bits - length);
    entries.fill(symbol * 16 + length, start, start + 2 ** (bits - length));
  });
  return { bits, entries };
}
