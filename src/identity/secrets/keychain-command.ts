import { ok, type Result, refuse } from '../../domain/result.ts';

/** The program that prints an entry of this system's keychain, and its words. */
export function keychainCommand(
  { service, account }: { readonly service: string; readonly account: string },
  platform: NodeJS.Platform,
): Result<readonly [string, ...string[]], string> {
  if (platform === 'linux') return ok(['secret-tool', 'lookup', 'service', service, 'account', account]);
  if (platform === 'darwin') return ok(['security', 'find-generic-password', '-s', service, '-a', account, '-w']);
  return refuse(`there is no keychain that is read on ${platform}: use file:// or exec://`);
}
