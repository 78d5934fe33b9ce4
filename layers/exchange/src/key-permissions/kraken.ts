import { Fields } from '../fields.ts';
import { allowance, bindingOf, type KeyQuestion, lifetime, secondsToMs, textsOf } from './key-question.ts';

/** https://docs.kraken.com/api-reference/account-data/get-api-key-info */
export const kraken: KeyQuestion = {
  source: 'POST /0/private/GetApiKeyInfo',
  methods: ['privatePostGetApiKeyInfo'],
  async read(ask) {
    const key = new Fields('answer', await ask('privatePostGetApiKeyInfo')).fields('result');
    const permissions = textsOf(key.list('permissions'));
    return {
      // The desk looks at funds, and for orders at the open ones.
      read: allowance(permissions.includes('query-funds') && permissions.includes('query-open-trades')),
      trade: allowance(permissions.includes('modify-trades')),
      withdraw: allowance(permissions.includes('withdraw-funds')),
      boundAddresses: bindingOf(textsOf(key.list('ipAllowlist'))),
      ...lifetime(secondsToMs(key.optionalDecimal('createdTime')), secondsToMs(key.optionalDecimal('validUntil'))),
    };
  },
};
