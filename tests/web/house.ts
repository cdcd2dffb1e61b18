// The system under test, one for each profile, and a page that watches over what no page may do: ask
// another origin, or write an error to the console.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

interface System {
  http: string;
  grpc: string;
  tokens: string;
  uncac: string;
}

export interface House extends System {
  /** The command line as one of the exercise: "focal-point-KEN", "secretariat"; "" is nobody. */
  run(reader: string, ...words: string[]): Promise<string>;
  /** A checklist file; its path. */
  file(name: string, text: string): string;
}

async function start(profile: string): Promise<[ChildProcess, System]> {
  const folder = process.env['UNCAC_BIN_DIR'];
  if (!folder) throw new Error('UNCAC_BIN_DIR says where the programs are');
  const child = spawn(join(folder, 'web_system'), [profile], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! });
  const ended = new Promise<never>((_, refuse) => {
    child.once('exit', (code) => refuse(new Error(`web_system ${profile} ended with ${code}`)));
  });
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  return [child, JSON.parse(await Promise.race([first, ended])) as System];
}

export const test = base.extend<{ watched: void; signIn: (identity: string) => Promise<void> }, { house: House }>({
  house: [
    async ({}, use, info) => {
      const [child, system] = await start(info.project.name);
      const files = join(tmpdir(), `dashboard-${process.pid}-${info.project.name}`);
      mkdirSync(files, { recursive: true });
      await use({
        ...system,
        run: async (reader, ...words) => {
          const token = reader ? ['--token', join(system.tokens, `${reader}.jwt`)] : [];
          const { stdout } = await promisify(execFile)(system.uncac, ['--server', system.grpc, ...token, ...words]);
          return stdout;
        },
        file: (name, text) => {
          writeFileSync(join(files, name), text);
          return join(files, name);
        },
      });
      const code = new Promise<number | null>((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', resolve);
      });
      child.stdin!.end();
      expect(await code, 'every program ends as it should').toBe(0);
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  baseURL: async ({ house }, use) => use(house.http),
  watched: [
    async ({ page, house }, use) => {
      const wrong: string[] = [];
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
      await use();
      expect(wrong).toEqual([]);
    },
    { auto: true },
  ],
  signIn: async ({ page, house }, use) => {
    await use(async (identity) => {
      const answer = await page.request.post(`${house.http}/session`, { data: { identity } });
      expect(answer.status()).toBe(200);
    });
  },
});

export { expect };

/** WCAG 2.1 A and AA by axe, on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
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
      if (folder) await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (size) await page.setViewportSize(size);
}
