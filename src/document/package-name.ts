/** Packages as files name them: `npm:NAME@VERSION`, the version exact, since what a range means changes overnight. */
import { z } from 'zod';
import type { PackageName } from '../domain/lock.ts';

const NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
/** Semantic Versioning 2.0.0, without build metadata: registries leave it out. */
const EXACT = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?$/;
const LONGEST = 214;

export const packageText = ({ name, version }: PackageName): string => `npm:${name}@${version}`;

export const packageName = z.string().transform((text, context): PackageName => {
  const { name, version } = partsOf(text.replace(/^npm:/, ''));
  const isNamed = NAME.test(name) && name.length <= LONGEST;
  if (isNamed && text.startsWith('npm:') && EXACT.test(version)) return { name, version };
  const wrong = isNamed && !EXACT.test(version) ? wrongVersion(version) : 'expected npm:NAME@VERSION';
  context.addIssue(`${wrong}; write: ${lineFor(isNamed ? text.replace(/^npm:/, '') : undefined)}`);
  return z.NEVER;
});

const wrongVersion = (version: string): string =>
  version === ''
    ? 'the version is missing'
    : `expected an exact version, found "${version.slice(0, 40)}", which may be another one tomorrow`;

/** What to write for a package as people name it, such as `@scope/name@^1.2.3`. */
export function lineFor(text: string | undefined): string {
  const { name, version } = partsOf(text ?? '');
  // A range of the form ^1.2.3 or v1.2.3 names a version that there is.
  const meant = version.replace(/^[~^=v]+/, '');
  return `package: "npm:${NAME.test(name) ? name : 'NAME'}@${EXACT.test(meant) ? meant : 'MAJOR.MINOR.PATCH'}"`;
}

function partsOf(text: string): PackageName {
  const at = text.indexOf('@', 1);
  return at === -1 ? { name: text, version: '' } : { name: text.slice(0, at), version: text.slice(at + 1) };
}
