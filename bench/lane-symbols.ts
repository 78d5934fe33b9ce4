/** As many symbols of the simulated Binance as share a lane. */
import { laneSizeMax } from '@nightdesk/core';
import { wellKnownSymbols } from '@nightdesk/local/simulators/binance/well-known-symbols.ts';

export const laneSymbols: readonly string[] = wellKnownSymbols
  .slice(0, laneSizeMax)
  .map(([base, quote]) => `${base}/${quote}`);
