declare const brand: unique symbol;

/** A primitive that the compiler keeps apart from others of the same kind: an `Amount` is not a `Price`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
