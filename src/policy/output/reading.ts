/**
 * What a server said, as a model may read it: one pass over a value. Hidden characters are shown, words that only Tollgate
 * says are put into the server's mouth, keys that speak in our name and links out of scope are left out. What breaks a
 * bound or holds a credential is refused whole, with a phrase that follows "it" and repeats nothing of it.
 */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { isOwnUri } from '../../domain/own-uri.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { visible } from '../shown/readable.ts';
import { AWS_KEY, credentialIn, holdsAccessSecret, namesAccessKey } from './credentials.ts';
import { imitates, withoutReserved } from './imitation.ts';

/** Who speaks. */
export interface Speaker {
  readonly server: string;
  /** Whether a link to this resource of the server is one that the agent may follow. */
  allows(uri: string): boolean;
  /** Whether this embedded resource is one that may be shown: a page that was accepted, or no page. */
  shows(resource: JsonObject): boolean;
}

/** Characters of text, member names included, and one more for each value: what a model could be made to read. */
const LARGEST = 1024 * 1024;
/** Levels of objects and lists. */
const DEEPEST = 64;
/** Blocks of content, messages, or contents of one result. */
const MOST_BLOCKS = 1000;

const LEFT_OUT: JsonObject = {
  type: 'text',
  text: 'A link to a resource that this policy does not allow was left out.',
};

const PAGE_LEFT_OUT: JsonObject = { type: 'text', text: 'A page that was not accepted was left out.' };

/** A result, or another object of the protocol that holds blocks of content. Sound and pictures stay as they are. */
export function readOutput(said: JsonObject, speaker: Speaker): Result<JsonObject, string> {
  for (const list of [said['content'], said['contents'], said['messages']]) {
    if (Array.isArray(list) && list.length > MOST_BLOCKS)
      return refuse(`has more than ${MOST_BLOCKS} blocks of content`);
  }
  const { contents } = said;
  if (Array.isArray(contents) && (contents as readonly JsonValue[]).some(claimsOurs))
    return refuse("claims to be one of Tollgate's own resources");
  const reading = new Reading(speaker.server);
  return reading.end(said, reading.object(said, 0, speaker));
}

/** A value that is data and nothing of the protocol: no links to follow, no pictures. */
export function readValue(said: JsonValue, server: string): Result<JsonValue, string> {
  const reading = new Reading(server);
  return reading.end(said, reading.value(said, 0, undefined));
}

export function readText(said: string, server: string): Result<string, string> {
  const reading = new Reading(server);
  return reading.end(said, reading.text(said));
}

/** Where blocks of content may stand, who speaks; undefined inside of data. */
type Place = Speaker | undefined;

/** One pass. Goes on to its end only while nothing is found; what did not change is the same object. */
class Reading {
  readonly #server: string;
  #left = LARGEST;
  #fault: string | undefined;
  #namesAccessKey = false;

  constructor(server: string) {
    this.#server = server;
  }

  /** What was made of it, or why it stays here. */
  end<Said extends JsonValue, Made extends JsonValue>(said: Said, made: Made): Result<Made, string> {
    if (this.#fault !== undefined) return refuse(this.#fault);
    const isPair = this.#namesAccessKey && someText(said, holdsAccessSecret);
    return isPair ? refuse(heldBack(AWS_KEY)) : ok(made);
  }

  value(said: JsonValue, level: number, place: Place): JsonValue {
    if (typeof said === 'string') return this.text(said);
    if (typeof said !== 'object' || said === null) {
      this.#spend(1);
      return said;
    }
    return Array.isArray(said) ? this.#list(said, level, place) : this.object(said as JsonObject, level, place);
  }

  text(said: string): string {
    this.#spend(said.length + 1);
    if (this.#fault !== undefined) return said;
    const credential = credentialIn(said);
    if (credential !== undefined) this.#fault = heldBack(credential);
    this.#namesAccessKey ||= namesAccessKey(said);
    const shown = visible(said);
    return imitates(shown) ? `The server ${this.#server} says: ${shown}` : shown;
  }

  object(said: JsonObject, level: number, place: Place): JsonObject {
    this.#descend(level);
    if (place !== undefined && said['type'] === 'resource_link' && !isAllowed(said['uri'], place)) return LEFT_OUT;
    if (place !== undefined && said['type'] === 'resource' && claimsOurs(said['resource'])) return LEFT_OUT;
    if (place !== undefined && said['type'] === 'resource' && !isShown(said['resource'], place)) return PAGE_LEFT_OUT;
    const entries: [string, JsonValue | undefined][] = [];
    let isSame = true;
    for (const [name, member] of Object.entries(said)) {
      if (this.#fault !== undefined) return said;
      const made = this.#member(name, member, said, level, place);
      if (made === undefined) {
        isSame = false;
        continue;
      }
      const shown = this.text(name);
      isSame &&= made === member && shown === name;
      entries.push([shown, made]);
    }
    return isSame ? said : Object.fromEntries(entries);
  }

  #list(said: readonly JsonValue[], level: number, place: Place): readonly JsonValue[] {
    this.#descend(level);
    let made: JsonValue[] | undefined;
    for (const [at, item] of said.entries()) {
      if (this.#fault !== undefined) return said;
      const one = this.value(item, level + 1, place);
      if (made === undefined && one !== item) made = said.slice(0, at);
      made?.push(one);
    }
    return made ?? said;
  }

  /** Undefined: it is left out. */
  #member(name: string, member: JsonValue | undefined, of: JsonObject, level: number, place: Place) {
    if (member === undefined) return undefined;
    if (place === undefined) return this.value(member, level + 1, undefined);
    if (isMedia(name, of)) return member;
    if (name !== '_meta') return this.value(member, level + 1, name === 'structuredContent' ? undefined : place);
    const meta = withoutReserved(member);
    return meta && this.object(meta, level + 1, undefined);
  }

  #spend(characters: number): void {
    this.#left -= characters;
    if (this.#left < 0) this.#fault ??= 'is larger than 1 MiB of text';
  }

  #descend(level: number): void {
    if (level >= DEEPEST) this.#fault ??= `is nested deeper than ${DEEPEST} levels`;
  }
}

const heldBack = (credential: string): string => `holds what looks like a secret (${credential})`;

const isAllowed = (uri: JsonValue | undefined, place: Speaker): boolean =>
  typeof uri === 'string' && !isOwnUri(uri) && place.allows(uri);

/** In our scheme, in which no server has anything. */
const claimsOurs = (resource: JsonValue | undefined): boolean =>
  isObject(resource) && typeof resource['uri'] === 'string' && isOwnUri(resource['uri']);

const isShown = (resource: JsonValue | undefined, place: Speaker): boolean =>
  !isObject(resource) || place.shows(resource);

/** Bytes, as the protocol writes them (base64): no text that a model reads. The link bounds them. */
const isMedia = (name: string, { type, data, blob }: JsonObject): boolean =>
  (name === 'blob' && typeof blob === 'string') ||
  (name === 'data' && typeof data === 'string' && (type === 'image' || type === 'audio'));

function someText(value: JsonValue | undefined, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((member) => someText(member as JsonValue | undefined, test));
}
