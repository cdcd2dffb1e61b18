// Six languages, both directions of text, the same pages.
import type { Page } from '@playwright/test';
import { expect, expectAccessible, type Matrix, test } from './house';

const languages = {
  ar: 'العربية',
  en: 'English',
  es: 'Español',
  fr: 'Français',
  ru: 'Русский',
  zh: '中文',
} as const;
type Language = keyof typeof languages;
const all = Object.keys(languages) as Language[];
const others = all.filter((language) => language !== 'en');

const pages: [string, string][] = [
  ['', '/'],
  ['provider-EX1', '/since'],
  ['', '/country'],
  ['focal-point-KEN', '/country/KEN'],
  ['focal-point-KEN', '/response'],
  ['operator', '/service'],
  ['', '/enter'],
  ['', '/words'],
];

/** Sentences as they stand on the page: three words or more, and no code, command or invented answer. */
async function sentences(page: Page): Promise<string[]> {
  const lines = (await page.locator('body').innerText()).split('\n').map((line) => line.trim());
  return lines.filter((line) => /[a-z]{2,}\W+[a-z]{2,}\W+[a-z]{2,}/i.test(line) && !/uncac|\[exercise\]/.test(line));
}

/** As a reader does it: the list of languages in the head of the page. */
async function speak(page: Page, language: Language): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: new RegExp(Object.values(languages).join('|')) }).click();
  await page.getByRole('option', { name: new RegExp(languages[language]) }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${language}`));
}

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('main')).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0, { timeout: 20_000 });
}

// What each page says in English, asked once.
const english = new Map<string, string[]>();

for (const language of others) {
  test(`no page is left in English: ${language}`, async ({ page, signIn }) => {
    const visit = async (reader: string, path: string) => {
      // A page that is still open would go on asking with the next reader's rights.
      await page.goto('about:blank');
      if (reader) await signIn(reader);
      else await page.context().clearCookies();
      await page.goto(path);
      await settled(page);
    };
    for (const [reader, path] of english.size > 0 ? [] : pages) {
      await visit(reader, path);
      english.set(path, await sentences(page));
      expect(english.get(path)!.length, path).toBeGreaterThan(1);
    }
    await visit('', '/words');
    await speak(page, language);
    await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr');
    for (const [reader, path] of pages) {
      await visit(reader, path);
      await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${language}`));
      const own = await sentences(page);
      expect(own.filter((line) => english.get(path)!.includes(line)), path).toEqual([]);
      const text = await page.locator('body').innerText();
      // Nor the name of a text where the text should be.
      expect(text, path).not.toMatch(/^[a-z]+(\.[a-zA-Z_]+)+$/m);
      expect(text, path).not.toMatch(/\{\w+(, \w+)?|undefined|NaN|\[object/);
      // Digits are 0 to 9 everywhere.
      expect(text, path).not.toMatch(/[\u0660-\u0669\u06f0-\u06f9]/);
      await expect(page, path).toHaveTitle(/.{5}/);
    }
  });

  test(`States stand in the order of ${language}, as the command line has it`, async ({ page, house, signIn }) => {
    await signIn('secretariat');
    const matrix = await house.ask<Matrix>('', 'matrix', '--rows', 'state', '--language', language);
    const names = matrix.matrix.map((row) => row.header.name);
    await page.goto('/country');
    await speak(page, language);
    await settled(page);
    await expect(page.getByRole('main').getByRole('link').filter({ hasText: names[0]! }).first()).toBeVisible();
    const links = await page.getByRole('main').getByRole('link').allInnerTexts();
    const found = links.map((text) => text.split('\n').map((line) => line.trim()).find((line) => names.includes(line)) ?? '');
    const group = async (code: string) =>
      (await house.ask<Matrix>('', 'matrix', '--rows', 'state', '--language', language, '--where', `regional_group=${code}`)).matrix.map(
        (row) => row.header.name,
      );
    const known = found.filter((name) => names.includes(name));
    expect(known).toHaveLength(names.length);
    // All in one list, or by group; within it by name either way.
    const groups = (await Promise.all(['AFR', 'APG', 'EEG', 'GRULAC', 'WEOG', 'NONE'].map(group))).flat();
    if (known[0] === names[0] && known[1] === names[1]) expect(known).toEqual(names);
    else expect(known).toEqual(groups);
  });
}

test('Arabic reads from the right: pages, tables, tracks; codes and figures do not', async ({ page }) => {
  await page.goto('/');
  await speak(page, 'ar');
  await settled(page);
  const middle = async (locator: ReturnType<Page['locator']>) => {
    const box = (await locator.boundingBox())!;
    return box.x + box.width / 2;
  };
  const links = page.getByRole('navigation').first().getByRole('link');
  expect(await middle(links.first())).toBeGreaterThan(await middle(links.last()));
  const heads = page.getByRole('table').first().getByRole('columnheader');
  expect(await middle(heads.first())).toBeGreaterThan(await middle(heads.last()));
  const heading = (await page.getByRole('heading', { level: 1 }).boundingBox())!;
  const lines = await page.getByRole('heading', { level: 1 }).evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return Math.max(...[...range.getClientRects()].map((one) => one.right));
  });
  expect(Math.abs(lines - (heading.x + heading.width))).toBeLessThan(24);
  // An earlier day lies to the right.
  const track = page.getByRole('slider').first();
  const now = await track.inputValue();
  await track.focus();
  await page.keyboard.press('ArrowRight');
  expect(Number(await track.inputValue())).toBeLessThan(Number(now));
  expect(await page.locator('bdi').count()).toBeGreaterThan(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await expectAccessible(page);
});

test('the direction comes from the language, never from the text', async ({ page }) => {
  await page.goto('/');
  await settled(page);
  expect(await page.locator('[dir=auto]').count()).toBe(0);
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  // A name in another language on an English page: it says so itself.
  await page.getByRole('banner').getByRole('button', { name: /English/ }).click();
  await expect(page.getByRole('option', { name: languages.ar })).toHaveAttribute('lang', 'ar');
});

test.describe('a browser set to Arabic', () => {
  test.use({ locale: 'ar-EG' });
  test('gets Arabic without asking, and keeps another choice', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('lang', /^ar/);
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
    await speak(page, 'fr');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', /^fr/);
    await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  });
});

test.describe('a browser set to a language that there is not', () => {
  test.use({ locale: 'sw-KE' });
  test('gets English', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
  });
});

test('a question keeps its sense when the language changes', async ({ page, house }) => {
  await page.goto('/');
  await settled(page);
  const address = () => new URL(page.url()).search;
  const before = address();
  await speak(page, 'ru');
  await settled(page);
  expect(address()).toBe(before);
  const matrix = await house.ask<Matrix>('', 'matrix', '--rows', 'article', '--cols', 'regional_group', '--language', 'ru');
  for (const column of matrix.column_headers.slice(0, 5)) {
    await expect(page.getByRole('table').first().getByRole('columnheader', { name: column.name })).toBeVisible();
  }
});

test('a page that is none is told in every language, each in its own words', async ({ page }) => {
  const told = new Set<string>();
  for (const language of all) {
    await page.goto('/');
    await speak(page, language);
    await page.goto('/no/such/page');
    const heading = page.getByRole('heading', { level: 1 });
    await expect(heading).toHaveText(/\S.{5}/);
    told.add(await heading.innerText());
    await expectAccessible(page);
  }
  expect(told.size).toBe(all.length);
});
