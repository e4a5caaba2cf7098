/** An amount of money in cents, as people read it. */
export const format = (cents) => `${(cents / 100).toFixed(2)} €`;
