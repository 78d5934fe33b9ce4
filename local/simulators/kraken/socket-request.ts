/** What a client may send over WebSocket v2. */
import { z } from 'zod';

const subscribeParams = z.object({
  channel: z.string(),
  symbol: z.array(z.string()).max(1000).default([]),
  depth: z.number().optional(),
  interval: z.number().optional(),
  event_trigger: z.enum(['bbo', 'trades']).optional(),
  snapshot: z.boolean().optional(),
  snap_orders: z.boolean().optional(),
  snap_trades: z.boolean().optional(),
  token: z.string().optional(),
});

export type SubscribeParams = z.output<typeof subscribeParams>;

const requestId = z.number().int().optional();

export const requestSchema = z.discriminatedUnion('method', [
  z.object({ method: z.literal('ping'), req_id: requestId }),
  z.object({ method: z.literal('subscribe'), params: subscribeParams, req_id: requestId }),
  z.object({ method: z.literal('unsubscribe'), params: subscribeParams, req_id: requestId }),
]);

export type SocketRequest = z.output<typeof requestSchema>;
export type SubscribeRequest = Extract<SocketRequest, { method: 'subscribe' | 'unsubscribe' }>;
