import { accountGraphDriver, type Account, type AccountInput } from './accountGraphDriver';

export function accountContainerd(input: AccountInput): Account {
  return accountGraphDriver(input);
}
