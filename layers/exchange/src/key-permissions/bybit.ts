import { Fields } from '../fields.ts';
import { allowance, bindingOf, type KeyQuestion, lifetime, textsOf, timeMsOf } from './key-question.ts';

/** Words that stand for placing orders, in the groups of permissions that have them. */
const tradingWords = ['SpotTrade', 'Order', 'OptionsTrade', 'DerivativesTrade'];
const tradingGroups = ['Spot', 'ContractTrade', 'Options', 'Derivatives'];

/** https://bybit-exchange.github.io/docs/v5/user/apikey-info */
export const bybit: KeyQuestion = {
  source: 'GET /v5/user/query-api',
  methods: ['privateGetV5UserQueryApi'],
  async read(ask) {
    const answer = new Fields('answer', await ask('privateGetV5UserQueryApi'));
    const key = answer.fields('result');
    const permissions = key.fields('permissions');
    const words = tradingGroups.flatMap((group) => textsOf(permissions.list(group)));
    const readOnly = key.decimal('readOnly') === '1';
    return {
      read: 'allowed',
      trade: allowance(!readOnly && words.some((word) => tradingWords.includes(word))),
      withdraw: allowance(!readOnly && permissions.list('Wallet').includes('Withdraw')),
      boundAddresses: bindingOf(textsOf(key.list('ips'))),
      ...lifetime(timeMsOf(key.optionalText('createdAt')), timeMsOf(key.optionalText('expiredAt'))),
    };
  },
};
