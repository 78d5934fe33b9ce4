import fc from 'fast-check';

/**
 * fast-check, drawing the same cases in every run, so that whether a change lands, and which branches its tests reach, does not
 * hang on luck. Other cases: `NIGHTDESK_PROPERTY_SEED=7 npm test`. A failed property prints the seed and path of its case.
 */
const seed = Number(process.env.NIGHTDESK_PROPERTY_SEED ?? 20_261_121);
if (!Number.isSafeInteger(seed)) throw new Error('NIGHTDESK_PROPERTY_SEED must be a whole number');
fc.configureGlobal({ seed });

export default fc;
