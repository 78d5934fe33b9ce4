import type { FunctionName } from '../config/functions.ts';
import type { Severity } from './desk-alarm.ts';

/** What a failing invocation of each function puts at risk. */
export const failures: Readonly<Record<FunctionName, { severity: Severity; meaning: string }>> = {
  'receive-signal': { severity: 'critical', meaning: 'Signals were answered with an error and may be lost.' },
  'execute-order': { severity: 'critical', meaning: 'Executions fail; their signals are tried again or set aside.' },
  'track-orders': { severity: 'critical', meaning: 'Open and unknown orders are not followed up.' },
  'refresh-markets': { severity: 'warning', meaning: 'What can be traded at the venues is getting out of date.' },
  'probe-exchanges': { severity: 'warning', meaning: 'Whether the venues are there is not known.' },
  'plan-reconciliations': {
    severity: 'critical',
    meaning: 'Accounts are not reconciled, or limits of the whole desk are measured by old figures.',
  },
  'reconcile-balances': { severity: 'critical', meaning: 'Accounts are not compared with their venues.' },
  'plan-candles': { severity: 'warning', meaning: 'Candles, trades and funding are not collected.' },
  'collect-candles': { severity: 'warning', meaning: 'Candles, trades or funding of some series are not collected.' },
  'apply-order-news': {
    severity: 'warning',
    meaning: 'What venues tell of orders by themselves is not applied; tracking still asks them every few seconds.',
  },
  'renew-leases': { severity: 'critical', meaning: "Dead man's switches go off, and venues cancel orders." },
  'query-desk': { severity: 'warning', meaning: 'Questions to the desk are answered with an error.' },
  'query-candles': { severity: 'warning', meaning: 'Questions about candles are answered with an error.' },
  'query-quotes': { severity: 'warning', meaning: 'Questions about live quotes are answered with an error.' },
  'rotate-key': { severity: 'warning', meaning: 'A new trading key was not taken over; the one before stays in use.' },
  'check-keys': { severity: 'critical', meaning: 'A key in use may do what it must not, or not what it must.' },
  'manage-orders': { severity: 'critical', meaning: 'Orders may not be placed, changed or canceled by hand.' },
  'switch-risk': { severity: 'critical', meaning: 'Kill switches may not be settable.' },
  'cancel-orders': { severity: 'critical', meaning: 'The kill switch does not cancel what is open.' },
  notify: { severity: 'critical', meaning: 'Nobody is told of fills, failures and switches.' },
  'send-notice': { severity: 'critical', meaning: 'People are told late, or not at all, of what happens.' },
};
