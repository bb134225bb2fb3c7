/** A page of the console: where it stands, who may look at it, and what it shows. Each is a file of its own, listed in `pages.ts`. */
import type { html } from 'hono/html';
import type { ApiCaller } from '../../domain/person.ts';
import type { Right } from '../../domain/role.ts';

/** What a template of `hono/html` gives: escaped, whatever was put into it. */
export type Html = ReturnType<typeof html>;

/** Who looks, at what, and when. */
export interface Visit {
  readonly caller: ApiCaller;
  /** What the hidden field `csrf` of every form says. */
  readonly csrf: string;
  /** What the path names (`:id`); empty where it names nothing, or what cannot be the id of anything. */
  readonly id: string;
  /** What the address says behind `?`, each once. */
  readonly query: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The places that the header leads to. */
export const PLACES = { Inbox: '/', Sessions: '/sessions', Policies: '/policies', Statistics: '/statistics' } as const;
type Place = keyof typeof PLACES;

export interface Sheet {
  /** 200 where it is not said. */
  readonly status?: 400 | 403 | 404 | 409 | 429;
  readonly title: string;
  /** Which of the places it belongs to. */
  readonly place: Place;
  /** What the page hears of, as `/live` names it: the event `news` comes to `body` whenever one of them changes. */
  readonly live?: readonly string[];
  readonly body: Html;
}

export interface Page {
  /** As express writes it: `/sessions/:id`. */
  readonly path: string;
  /** Of which the person needs one; none: whoever is signed in. */
  readonly rights: readonly Right[];
  /** Undefined: there is nothing here, or nothing for this person. */
  readonly show: (visit: Visit) => Promise<Sheet | undefined>;
}

/** What a form of a page brings about. The guard has judged the cookie, the origin, the field `csrf` and the rights. */
export interface Form {
  readonly path: string;
  readonly rights: readonly Right[];
  /** A path of ours to go on at, or a sheet that says why not. `fields` are as they came, each once. */
  readonly act: (
    visit: Visit,
    fields: Readonly<Record<string, string>>,
  ) => Promise<Sheet | { readonly to: string } | undefined>;
}
