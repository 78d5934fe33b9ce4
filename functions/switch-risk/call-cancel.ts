/**
 * Has everything open canceled by a function of its own: it has the trading keys and the way to the venues, so that nothing about
 * either can keep a switch from being set.
 */
import type { CallFunction } from '@nightdesk/aws/call-function.ts';
import type { Clock } from '@nightdesk/core';
import { type CancelOrdersRequest, type OpenCanceled, parseOpenCanceled } from '../shared/cancel-request.ts';

/** How much later than it is due the report may come. */
export const reportMarginMs = 2_000;

/** @throws FunctionCallError where it could not be called, failed, or has not answered in time; its cancels may go on then */
export type CallCancel = (request: CancelOrdersRequest) => Promise<OpenCanceled>;

export const createCancelCall =
  (call: CallFunction, { nowMs }: Pick<Clock, 'nowMs'>): CallCancel =>
  async (request) =>
    parseOpenCanceled(await call(request, request.deadlineMs + reportMarginMs - nowMs()));
