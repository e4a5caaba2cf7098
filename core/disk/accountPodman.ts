import { accountGraphDriver, type Account, type AccountInput } from './accountGraphDriver';

export function accountPodman(input: AccountInput): Account {
  return accountGraphDriver(input);
}
