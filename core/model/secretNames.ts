/** Whether the name of a build argument says that its value should not be kept or shown: better once too often. */
export function looksSecret(name: string): boolean {
  return /TOKEN|SECRET|PASS(W|PHRASE)|PWD|KEY|CREDENTIAL|AUTH|PRIVATE|CERT/i.test(name);
}
