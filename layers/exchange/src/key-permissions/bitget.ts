import { Fields } from '../fields.ts';
import { allowance, bindingOf, entriesOf, type KeyQuestion, textsOf } from './key-question.ts';

/** Codes of the documentation: orders of spot, margin and futures with write access; `trade` is what older keys have. */
const trading = ['stow', 'smow', 'coow', 'trade'];
const reading = ['stor', 'smor', 'coor', 'cpor', 'readonly', ...trading];

/** https://www.bitget.com/api-doc/spot/account/Get-Account-Info */
export const bitget: KeyQuestion = {
  source: 'GET /api/v2/spot/account/info',
  methods: ['privateSpotGetV2SpotAccountInfo'],
  async read(ask) {
    const account = new Fields('answer', await ask('privateSpotGetV2SpotAccountInfo')).fields('data');
    const authorities = textsOf(account.list('authorities'));
    const has = (codes: readonly string[]) => authorities.some((authority) => codes.includes(authority));
    return {
      read: allowance(has(reading)),
      trade: allowance(has(trading)),
      withdraw: allowance(has(['wwow', 'withdraw'])),
      boundAddresses: bindingOf(entriesOf(account.optionalText('ips'))),
    };
  },
};
