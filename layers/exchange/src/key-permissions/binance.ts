import { Fields } from '../fields.ts';
import { allowance, type KeyQuestion, lifetime } from './key-question.ts';

const tradingFlags = ['enableSpotAndMarginTrading', 'enableFutures', 'enablePortfolioMarginTrading'];
/** With universal transfer a key moves funds between wallets of the same owner only, so it is no withdrawal. */
const withdrawalFlag = 'enableWithdrawals';

/** https://developers.binance.com/docs/wallet/account/api-key-permission */
export const binance: KeyQuestion = {
  source: 'GET /sapi/v1/account/apiRestrictions',
  methods: ['sapiGetAccountApiRestrictions'],
  async read(ask) {
    const answer = new Fields('key', await ask('sapiGetAccountApiRestrictions'));
    const trading = tradingFlags.map((flag) => answer.optionalFlag(flag));
    const restricted = answer.optionalFlag('ipRestrict');
    return {
      read: allowance(answer.optionalFlag('enableReading')),
      trade: allowance(trading.every((flag) => flag === undefined) ? undefined : trading.includes(true)),
      withdraw: allowance(answer.optionalFlag(withdrawalFlag)),
      // It tells that there is a list, and not what is on it.
      boundAddresses: restricted === undefined ? 'unknown' : restricted ? ['addresses that Binance does not tell'] : [],
      ...lifetime(answer.optionalTimeMs('createTime'), answer.optionalTimeMs('tradingAuthorityExpirationTime')),
    };
  },
};
