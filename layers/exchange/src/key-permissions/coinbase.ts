import { Fields } from '../fields.ts';
import { allowance, type KeyQuestion } from './key-question.ts';

/** https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions */
export const coinbase: KeyQuestion = {
  source: 'GET /api/v3/brokerage/key_permissions',
  methods: ['v3PrivateGetBrokerageKeyPermissions'],
  async read(ask) {
    const key = new Fields('key', await ask('v3PrivateGetBrokerageKeyPermissions'));
    return {
      read: allowance(key.optionalFlag('can_view')),
      trade: allowance(key.optionalFlag('can_trade')),
      withdraw: allowance(key.optionalFlag('can_transfer')),
      boundAddresses: 'unknown',
    };
  },
};
