/**
 * Credentials in a text, by the formats that their makers gave them. A net for accidents (a tool that prints its
 * environment, a file that should not be shared): whoever wants to smuggle one out writes it in another way.
 *
 * Every pattern is linear: it begins at a fixed word where no token is under way, and what follows is one run or a few
 * of bounded length, so that no character is looked at for more than one beginning.
 */

interface Format {
  /** With its article, to follow "a secret:". */
  readonly what: string;
  readonly pattern: RegExp;
  /** What more must be true of what was found; `text` and the index behind it, where that is not enough. */
  readonly isOne?: (found: string, text: string, end: number) => boolean;
}

/** The words that formats begin with, or hold: a text without any of them has no credential. */
const HINT =
  /-----BEGIN |A[KS]IA|gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|xapp-|[sr]k_live_|AIza|ya29\.|sk-|npm_|pypi-|eyJ|AccountKey=|hf_|SG\.|dop_v1_|AGE-SECRET-KEY-|Q~/;

const FORMATS: readonly Format[] = [
  {
    what: 'a private key',
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
    isOne: (_found, text, end) => /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}/.test(text.slice(end, end + 400)),
  },
  { what: 'an age key', pattern: /AGE-SECRET-KEY-1[0-9A-Z]{58}(?![0-9A-Z])/g },
  { what: 'a GitHub token', pattern: /(?<!\w)gh[opsur]_[A-Za-z0-9]{36,251}(?!\w)/g, isOne: isRandom },
  {
    what: 'a GitHub token',
    pattern: /(?<!\w)github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?!\w)/g,
    isOne: isRandom,
  },
  { what: 'a GitLab token', pattern: /(?<![\w-])glpat-[\w-]{20,300}/g, isOne: isRandom },
  { what: 'a Slack token', pattern: /(?<![\w-])(?:xox[abeprs]|xapp)-[\w-]{20,300}/g, isOne: hasDigits },
  { what: 'a Stripe key', pattern: /(?<!\w)[sr]k_live_[A-Za-z0-9]{24,250}(?!\w)/g, isOne: isRandom },
  { what: 'a Google API key', pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g, isOne: isRandom },
  { what: 'a Google access token', pattern: /(?<![\w.-])ya29\.[\w-]{20,2000}/g, isOne: isRandom },
  { what: 'an Anthropic key', pattern: /(?<![\w-])sk-ant-[a-z0-9]{2,10}-[\w-]{32,300}/g, isOne: isRandom },
  { what: 'an OpenAI key', pattern: /(?<![\w-])sk-(?:proj|svcacct|admin)-[\w-]{40,300}/g, isOne: isRandom },
  { what: 'an OpenAI key', pattern: /(?<![\w-])sk-[A-Za-z0-9]{48}(?![\w-])/g, isOne: isRandom },
  { what: 'an npm token', pattern: /(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/g, isOne: isRandom },
  { what: 'a PyPI token', pattern: /(?<![\w-])pypi-AgEIcHlwaS5vcmc[\w-]{50,1000}/g },
  { what: 'a Hugging Face token', pattern: /(?<!\w)hf_[A-Za-z0-9]{34}(?!\w)/g, isOne: isRandom },
  { what: 'a SendGrid key', pattern: /(?<![\w.-])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g, isOne: isRandom },
  { what: 'a DigitalOcean token', pattern: /(?<!\w)dop_v1_[a-f0-9]{64}(?!\w)/g },
  { what: 'an Azure storage key', pattern: /AccountKey=[A-Za-z0-9+/]{86}==/g, isOne: isRandom },
  {
    what: 'an Azure client secret',
    pattern: /(?<![\w~.-])[\w~.]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])/g,
    isOne: isRandom,
  },
  {
    what: 'a JSON web token',
    pattern: /(?<![\w.-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,16000}\.[\w-]{16,4000}/g,
    isOne: isJwt,
  },
];

/** What this text holds that looks like a credential, with its article; undefined where it holds none. */
export function credentialIn(text: string): string | undefined {
  if (!HINT.test(text)) return undefined;
  for (const { what, pattern, isOne } of FORMATS) {
    for (const match of text.matchAll(pattern)) {
      const [found] = match;
      if (isOne === undefined || isOne(found, text, match.index + found.length)) return what;
    }
  }
  return undefined;
}

export const AWS_KEY = 'an AWS access key';

/** Whether this text names an AWS access key. The name is no secret; what is written beside it may be. */
export function namesAccessKey(text: string): boolean {
  const [found] = /(?<!\w)A[KS]IA[A-Z2-7]{16}(?!\w)/.exec(text) ?? [];
  return found !== undefined && !found.endsWith('EXAMPLE');
}

/** Whether this text holds what could be the secret of an AWS access key: forty characters, and no digest. */
export const holdsAccessSecret = (text: string): boolean =>
  [...text.matchAll(/(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g)].some(([found]) => isRandom(found));

const LEAST_DISTINCT = 12;

/** No placeholder (`xxxx`, `your-token-here`, the alphabet, AWS's own example): letters of both kinds or digits among them. */
function isRandom(found: string): boolean {
  if (/EXAMPLE|(.)\1{5}|your|here|abcdef|ABCDEF|123456/.test(found)) return false;
  return new Set(found).size >= LEAST_DISTINCT && /[a-z]/.test(found) && /[A-Z0-9]/.test(found);
}

function hasDigits(found: string): boolean {
  return /[0-9]{6}/.test(found) || isRandom(found);
}

/** Three segments, of which the first two are JSON objects and the first names its algorithm. */
function isJwt(found: string): boolean {
  const [head = '', claims = ''] = found.split('.');
  return decoded(head)?.['alg'] !== undefined && decoded(claims) !== undefined;
}

function decoded(segment: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
