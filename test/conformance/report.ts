/** The judgement as a table for people. */
import { styleText } from 'node:util';
import { type Half, type Row, type Run, runsOf, WAYS, type Way } from './judgement.ts';

const NAME_WIDTH = 56;
const COLUMN_WIDTH = 10;
const PAGE_WIDTH = 110;

const LEGEND = `Each cell: checks passed/failed. direct: without Tollgate. through: Tollgate speaks the scenario's era to both sides.
across: it speaks the other era to the server. Sound is a run that passes, with the same checks as the direct one.`;

type Style = Parameters<typeof styleText>[0];

/** `colour` is for terminals. */
export function report(halves: readonly Half[], colour: boolean): string {
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const page = new Page(paint);
  for (const half of halves) page.half(half);
  page.lines.push(paint('dim', LEGEND));
  return `${page.lines.join('\n')}\n`;
}

class Page {
  readonly lines: string[] = [];
  readonly #paint: (style: Style, text: string) => string;

  constructor(paint: (style: Style, text: string) => string) {
    this.#paint = paint;
  }

  half({ leg, revision, rows }: Half): void {
    const ways = WAYS.filter((way) => rows.some((row) => row.runs[way] !== undefined));
    const judged = rows.filter((row) => runsOf(row).length > 0);
    const title = leg === 'server' ? `Servers, ${revision}` : `Clients, ${revision}`;
    this.lines.push(this.#paint('bold', title.padEnd(NAME_WIDTH + 2) + ways.map(column).join('')));
    for (const row of judged.filter(({ standing }) => standing === 'required')) this.#row(row, ways);
    const unscored = judged.filter(({ standing }) => standing !== 'required');
    if (unscored.length > 0) this.lines.push(this.#paint('dim', '  not scored'));
    for (const row of unscored) this.#row(row, ways);
    this.#notDriven(rows.filter((row) => !judged.includes(row)));
    this.lines.push(this.#paint('bold', totals(judged, ways)), '');
  }

  #row(row: Row, ways: readonly Way[]): void {
    const runs = runsOf(row);
    const isSound = runs.every(([, run]) => run.isSound);
    const sign = isSound ? this.#paint('green', '✓') : this.#paint(row.standing === 'required' ? 'red' : 'yellow', '✗');
    const name = row.standing === 'required' ? row.scenario : `${row.scenario} (${row.standing})`;
    const cells = ways.map((way) => this.#cell(row.runs[way]));
    this.lines.push(`${sign} ${name.padEnd(NAME_WIDTH)}${cells.join('')}`.trimEnd());
    for (const [remark, ways] of remarksOf(row)) {
      this.lines.push(this.#paint('dim', `    ${ways.join(', ')}: ${shortened(remark)}`));
    }
  }

  #cell(run: Run | undefined): string {
    if (run === undefined) return column('');
    const text = column(`${run.passed}/${run.failed}`);
    return run.isSound ? text : this.#paint('red', text);
  }

  #notDriven(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.lines.push(this.#paint('dim', `  not driven: other ways to a credential (${rows.length})`));
    let line = '   ';
    for (const { scenario } of rows) {
      if (line.length + scenario.length >= PAGE_WIDTH) {
        this.lines.push(this.#paint('dim', line));
        line = '   ';
      }
      line += ` ${scenario}`;
    }
    this.lines.push(this.#paint('dim', line));
  }
}

/** Each remark with the ways it was made of. What a scenario that is not scored lacks directly is not told. */
function remarksOf(row: Row): ReadonlyMap<string, readonly Way[]> {
  const told = runsOf(row).filter(([way]) => row.standing === 'required' || way !== 'direct');
  const remarks = told.flatMap(([way, run]) => run.remarks.map((remark) => ({ way, remark })));
  const grouped = Map.groupBy(remarks, ({ remark }) => remark);
  return new Map([...grouped].map(([remark, made]) => [remark, made.map(({ way }) => way)]));
}

const LONGEST_REMARK = 240;
const shortened = (text: string): string =>
  text.length > LONGEST_REMARK ? `${text.slice(0, LONGEST_REMARK)} ...` : text;

const column = (text: string): string => text.padEnd(COLUMN_WIDTH);

/** How many runs are sound: `37/37 direct  37/37 through  19/19 across`. */
function totals(rows: readonly Row[], ways: readonly Way[]): string {
  const required = rows.filter(({ standing }) => standing === 'required');
  return ways
    .map((way) => {
      const runs = required.flatMap((row) => row.runs[way] ?? []);
      return `${runs.filter((run) => run.isSound).length}/${runs.length} ${way}`;
    })
    .join('  ');
}
