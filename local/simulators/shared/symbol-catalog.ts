/** What a venue lists, by its own names and by those of the engine. */

/** What is common to the symbols of all venues. */
export interface ListedSymbol {
  /** Of the engine's instrument. */
  readonly id: string;
  /** The venue's name. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
}

/** Symbols of several families, such as spot and perpetuals, which may use one name each for something of their own. */
export class SymbolCatalog<Family extends string, Spec extends ListedSymbol> {
  readonly instruments: ReadonlyMap<string, Spec>;
  readonly #families = new Map<Family, Map<string, Spec>>();

  constructor(specs: readonly Spec[], familyOf: (spec: Spec) => Family) {
    this.instruments = new Map(specs.map((spec) => [spec.id, spec]));
    for (const [family, members] of Map.groupBy(specs, familyOf)) {
      this.#families.set(family, new Map(members.map((spec) => [spec.symbol, spec])));
    }
  }

  find(family: Family, symbol: string): Spec | undefined {
    return this.#families.get(family)?.get(symbol);
  }

  list(family: Family): Spec[] {
    return [...(this.#families.get(family)?.values() ?? [])];
  }

  /** The spec behind an engine instrument. @throws Error when there is none. */
  byInstrument(instrumentId: string): Spec {
    const spec = this.instruments.get(instrumentId);
    if (spec === undefined) throw new Error(`no symbol for instrument ${instrumentId}`);
    return spec;
  }

  /** All assets of a family. */
  assetsOf(family: Family): string[] {
    return [...new Set(this.list(family).flatMap(({ base, quote }) => [base, quote]))];
  }
}
