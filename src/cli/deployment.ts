/** The deployment that a command line names, or the one without a file. */
import { resolve } from 'node:path';
import { type Config, defaultConfig, issuersOf, loadConfig } from '../config.ts';
import { problemText } from '../document/document.ts';
import { readSource } from '../document/source.ts';
import { EXIT, Exit } from './exit.ts';

export interface Deployment extends Config {
  /** Whose callers a policy may let in; undefined where no file says so. */
  readonly issuers: ReadonlySet<string> | undefined;
}

export function deploymentOf(file: string | undefined): Deployment {
  if (file === undefined) return { ...defaultConfig(), issuers: undefined };
  const source = readSource(resolve(file));
  const loaded = source.ok ? loadConfig(source.value) : source;
  if (!loaded.ok) throw new Exit(EXIT.config, loaded.error.map(problemText));
  return { ...loaded.value, issuers: issuersOf(loaded.value) };
}
