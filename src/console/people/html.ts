/** HTML that escapes itself: what is put into a template is text, unless it is HTML of a template. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | undefined | readonly Piece[];

export const html = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(parts.map((part, at) => `${part}${textOf(pieces[at])}`).join(''));

function textOf(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return String(piece ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
