import { Fields } from '../fields.ts';
import { allowance, bindingOf, entriesOf, type KeyQuestion, lifetime } from './key-question.ts';

/** `Transfer` lets a key withdraw without a second factor; `InnerTransfer` moves funds within the account only. */
const withdrawing = ['Transfer', 'Withdraw', 'Withdrawal'];
/** `Trade` is what keys of older versions have. */
const trading = ['Spot', 'Margin', 'Futures', 'Trade'];

/** https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info */
export const kucoin: KeyQuestion = {
  source: 'GET /api/v1/user/api-key',
  methods: ['privateGetUserApiKey'],
  async read(ask) {
    const key = new Fields('answer', await ask('privateGetUserApiKey')).fields('data');
    const permissions = entriesOf(key.text('permission'));
    const has = (words: readonly string[]) => permissions.some((permission) => words.includes(permission));
    return {
      read: allowance(has(['General'])),
      trade: allowance(has(trading)),
      withdraw: allowance(has(withdrawing)),
      boundAddresses: bindingOf(entriesOf(key.optionalText('ipWhitelist'))),
      ...lifetime(key.optionalTimeMs('createdAt'), key.optionalTimeMs('expiredAt')),
    };
  },
};
