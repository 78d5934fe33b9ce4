/** The simulated Binance as a process of its own. */
import { z } from 'zod';
import { createSettableClock } from '../settable-clock.ts';
import { configSchemaOf, runSimulatorProcess } from '../shared/simulator-process.ts';
import { permissions } from './accounts.ts';
import { createBinanceSimulator } from './simulator.ts';

const count = z.number().int().positive();

const schema = configSchemaOf({
  permission: z.enum(permissions),
  limits: z
    .strictObject({
      weightPerMinute: count,
      contractWeightPerMinute: count,
      weightWindowMs: count,
      uidWeightPerMinute: count,
      ordersPer10Seconds: count,
      ordersWindowMs: count,
      ordersPerDay: count,
      violationsBeforeBan: count,
      firstBanMs: count,
    })
    .partial(),
});

await runSimulatorProcess({
  schema,
  async start(config, given) {
    const { url, wsUrl, wsApiUrl, port, close } = await createBinanceSimulator({
      ...config,
      ...given,
      clock: createSettableClock(),
    });
    return { addresses: { url, wsUrl, wsApiUrl, port }, close };
  },
});
