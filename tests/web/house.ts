// The system under test, one for each profile, and a page that watches over what no page may do: ask
// another origin, or write an error to the console.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

export interface System {
  http: string;
  grpc: string;
  tokens: string;
  /** Of the tokens, private. */
  signing_key: string;
  /** The log of what answers HTTP. */
  log: string;
  uncac: string;
}

export interface House extends System {
  /** The command line as one of the exercise: "focal-point-KEN", "secretariat"; "" is nobody. */
  run(reader: string, ...words: string[]): Promise<string>;
  /** What it answers as JSON. */
  ask<Answer>(reader: string, ...words: string[]): Promise<Answer>;
  /** A checklist file; its path. */
  file(name: string, text: string): string;
  /** A State's focal point files these answers; resolves once they are on record, seen or not. */
  submit(state: string, rows: Row[]): Promise<void>;
}

/** One row of a checklist file; what is left out is empty, or the exercise's usual. */
export type Row = Partial<Record<(typeof columns)[number], string>>;

const columns = [
  'state', 'checklist', 'round', 'submitted_on', 'language', 'provision', 'compliance', 'measures', 'challenges',
  'challenges_text', 'type', 'type_text', 'state_priority', 'received_from', 'received_type', 'would_extend',
  'audience', 'audience_until', 'exercise',
] as const;

export const thisYear = new Date().getUTCFullYear();

export function checklistFile(state: string, rows: Row[]): string {
  const usual: Row = {
    state, checklist: 'uncac-2007', round: String(thisYear), language: 'en', compliance: 'IN_PART',
    challenges: 'LIMITED_AWARENESS', exercise: 'YES',
  };
  const lines = rows.map((row) => columns.map((column) => ({ ...usual, ...row })[column] ?? '').join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

/** A matrix as the command line gives it. */
export interface Figure {
  value?: number | null;
  withheld?: boolean;
  base?: number;
  withheld_cells?: number;
}
export interface Matrix {
  column_headers: { code: string; name: string }[];
  matrix: { header: { code: string; name: string }; figures: Figure[]; total?: Figure }[];
  column_totals: Figure[];
  total: Figure;
}

export function programs(): string {
  const folder = process.env['UNCAC_BIN_DIR'];
  if (!folder) throw new Error('UNCAC_BIN_DIR says where the programs are');
  return folder;
}

async function start(profile: string, signInBy: string[]): Promise<[ChildProcess, System]> {
  const child = spawn(join(programs(), 'web_system'), [profile, ...signInBy], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! });
  const ended = new Promise<never>((_, refuse) => {
    child.once('exit', (code) => refuse(new Error(`web_system ${profile} ended with ${code}`)));
  });
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  const system = JSON.parse(await Promise.race([first, ended])) as System;
  // Whatever else it says is why it does not end well.
  lines.on('line', (line) => process.stderr.write(`${line}\n`));
  return [child, system];
}

interface Watch {
  /** What this test breaks on purpose, as the console tells of it. */
  expectErrors(pattern: RegExp): void;
}

export const test = base.extend<
  { watched: Watch; signIn: (identity: string) => Promise<void>; heard: (what: string | RegExp) => boolean },
  { house: House; signInBy: string[] }
>({
  // Options by which the embedded profile asks an identity provider; without any, whoever comes chooses.
  signInBy: [[], { scope: 'worker', option: true }],
  house: [
    async ({ signInBy }, use, info) => {
      const [child, system] = await start(info.project.name, signInBy);
      const files = join(tmpdir(), `dashboard-${process.pid}-${info.project.name}`);
      mkdirSync(files, { recursive: true });
      const run: House['run'] = async (reader, ...words) => {
        const token = reader ? ['--token', join(system.tokens, `${reader}.jwt`)] : [];
        const { stdout } = await promisify(execFile)(system.uncac, ['--server', system.grpc, ...token, ...words], {
          maxBuffer: 100_000_000,
        });
        return stdout;
      };
      // What the exercise filed is on its way to the feed for a while; a test begins when nothing is.
      await expect(() => run('operator', 'admin', 'rebuild', '--check')).toPass({ timeout: 120_000 });
      const file: House['file'] = (name, text) => {
        writeFileSync(join(files, name), text);
        return join(files, name);
      };
      await use({
        ...system,
        run,
        file,
        ask: async (reader, ...words) => JSON.parse(await run(reader, '--format', 'json', ...words)),
        submit: async (state, rows) => {
          const path = file(`${state}.csv`, checklistFile(state, rows));
          await run(`focal-point-${state}`, 'response', 'submit', path, '--no-wait');
        },
      });
      const code = new Promise<number | null>((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', resolve);
      });
      child.stdin!.end();
      expect(await code, 'every program ends as it should').toBe(0);
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: async ({ house }, use) => use(house.http),
  watched: [
    async ({ page, house }, use) => {
      const wrong: string[] = [];
      const expected: RegExp[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') wrong.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => wrong.push(`thrown: ${error.message}`));
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(`${house.http}/`) && !url.startsWith('data:') && !url.startsWith('blob:')) {
          wrong.push(`request: ${url}`);
        }
      });
      await use({ expectErrors: (pattern) => expected.push(pattern) });
      expect(wrong.filter((one) => !expected.some((pattern) => pattern.test(one)))).toEqual([]);
    },
    { auto: true },
  ],
  // Whether an answer that reached the page over the network had this in it, open streams included: what
  // a reader may not see must not, whatever the screen shows. Programs and texts are no answers.
  heard: async ({ page }, use) => {
    const texts: string[] = [];
    const session = await page.context().newCDPSession(page);
    const decoded = (data: string) => Buffer.from(data, 'base64').toString();
    const answers = new Set<string>();
    const gone = () => undefined; // the page went on to another address
    session.on('Network.responseReceived', ({ requestId, response, type }) => {
      if (!['Document', 'Script', 'Stylesheet', 'Font', 'Image'].includes(type)) answers.add(requestId);
      if (response.mimeType !== 'text/event-stream') return;
      void session
        .send('Network.streamResourceContent', { requestId })
        .then(({ bufferedData }) => texts.push(decoded(bufferedData)))
        .catch(gone);
    });
    session.on('Network.dataReceived', ({ data }) => {
      if (data) texts.push(decoded(data));
    });
    session.on('Network.eventSourceMessageReceived', ({ data }) => texts.push(data));
    session.on('Network.loadingFinished', ({ requestId }) => {
      if (!answers.has(requestId)) return;
      void session
        .send('Network.getResponseBody', { requestId })
        .then(({ body, base64Encoded }) => texts.push(base64Encoded ? decoded(body) : body))
        .catch(gone);
    });
    await session.send('Network.enable');
    await use((what) => (typeof what === 'string' ? texts.join('').includes(what) : what.test(texts.join(''))));
  },
  signIn: async ({ page, house }, use) => {
    await use(async (identity) => {
      const answer = await page.request.post(`${house.http}/session`, { data: { identity } });
      expect(answer.status()).toBe(200);
    });
  },
});

export { expect };

/** What a page asks of the services, one question alone or several together. */
export const askedOfServices = /\/uncac\.(checklist|needs|operations|gateway)\.v1\./;

const wcag = { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] };

/** WCAG 2.1 A and AA by axe, on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // The pages have no frames, for which alone its other mode opens a page of its own; and what passes is
  // not told node by node.
  await expect(page.locator('iframe, frame')).toHaveCount(0);
  const found = await new AxeBuilder({ page }).setLegacyMode(true).options({ runOnly: wcag, resultTypes: ['violations'] }).analyze();
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join('; ')}`)).toEqual([]);
}

/** Both themes at 1440 and 375 px into the build's folder, for people to look at. */
export async function takePictures(page: Page, name: string): Promise<void> {
  const folder = process.env['UNCAC_WEB_PICTURES'];
  const size = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 375]) {
      await page.setViewportSize({ width, height: width === 375 ? 812 : 900 });
      // Nothing may need scrolling sideways.
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide, `${name} at ${width} px`).toBeLessThanOrEqual(0);
      if (!folder) continue;
      // A window as tall as the page: what waits to come into view is drawn, and what sticks to an edge
      // of the window stands where it belongs.
      for (let tall = 0; ; ) {
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        if (height <= tall) break;
        tall = height;
        await page.setViewportSize({ width, height: tall });
        await expect(page.locator('[aria-busy=true]')).toHaveCount(0, { timeout: 20_000 });
      }
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (size) await page.setViewportSize(size);
}

/** A table as it stands, spans filled in: rows of the texts of its cells, the head first. */
export async function gridOf(table: Locator): Promise<string[][]> {
  return table.evaluate((element) => {
    const grid: string[][] = [];
    (element as HTMLTableElement).querySelectorAll('tr').forEach((row, y) => {
      grid[y] ??= [];
      let x = 0;
      for (const cell of row.querySelectorAll<HTMLTableCellElement>(':scope > th, :scope > td')) {
        while (grid[y]![x] !== undefined) x += 1;
        const text = cell.innerText.replace(/\s+/g, ' ').trim();
        for (let down = 0; down < cell.rowSpan; down += 1) {
          for (let along = 0; along < cell.colSpan; along += 1) {
            grid[y + down] ??= [];
            grid[y + down]![x + along] = text;
          }
        }
        x += cell.colSpan;
      }
    });
    return grid;
  });
}

/** What stands where the row beginning with one text and the column headed by another meet. */
export function cellOf(grid: string[][], row: RegExp, column: RegExp): string | undefined {
  const x = grid[0]!.findIndex((text) => column.test(text));
  const found = grid.slice(1).find((line) => line.slice(0, 3).some((text) => row.test(text)));
  return x < 0 ? undefined : found?.[x];
}

/** Everything said about a time is said in UTC. */
export const longDay = (day: Date): string =>
  day.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
