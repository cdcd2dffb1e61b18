// What holds on every page: readable by everybody, on any screen, by keyboard, on paper; and its picture.
import type { Page } from '@playwright/test';
import { expect, expectAccessible, takePictures, test } from './house';

interface Place {
  name: string;
  reader: string;
  path: string;
  /** What is asked for there before anything is looked at. */
  prepare?: (page: Page) => Promise<void>;
}
const places: Place[] = [
  { name: 'needs', reader: 'provider-EX1', path: '/' },
  {
    name: 'needs-by-state',
    reader: 'secretariat',
    path: '/',
    prepare: async (page) => {
      await page.getByRole('heading', { level: 1 }).getByRole('button', { name: /^article/ }).click();
      await page.getByRole('option', { name: /^State$/ }).click();
      await expect(page.getByRole('rowheader', { name: 'Zimbabwe' })).toBeVisible();
    },
  },
  { name: 'since-first', reader: 'provider-EX2', path: '/since' },
  {
    name: 'since',
    reader: 'provider-EX1',
    path: '/since',
    prepare: async (page) => {
      await page.getByRole('heading', { level: 1 }).getByRole('button', { name: 'any State' }).click();
      await page.keyboard.type('keny');
      await page.keyboard.press('Enter');
      await expect(page.getByText('That is everything that stands now.')).toBeVisible();
    },
  },
  { name: 'states', reader: '', path: '/country' },
  { name: 'country', reader: 'provider-EX1', path: '/country/KEN' },
  { name: 'country-own', reader: 'focal-point-KEN', path: '/country/KEN' },
  { name: 'response', reader: 'focal-point-KEN', path: '/response' },
  { name: 'response-not-yours', reader: 'provider-EX1', path: '/response' },
  { name: 'service', reader: 'operator', path: '/service' },
  { name: 'sign-in', reader: '', path: '/enter' },
  { name: 'words', reader: '', path: '/words' },
  { name: 'not-found', reader: '', path: '/no/such/page' },
];

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0, { timeout: 20_000 });
}

const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** The ground that everything stands on. */
async function paperOf(page: Page): Promise<number[]> {
  const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(paper).toMatch(/^rgb\(/);
  return paper.match(/\d+/g)!.map(Number);
}

async function inArabic(page: Page): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: /English/ }).click();
  await page.getByRole('option', { name: 'العربية' }).click();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await settled(page);
}

for (const { name, reader, path, prepare } of places) {
  test.describe(name, () => {
    test.beforeEach(async ({ page, signIn }) => {
      test.slow();
      if (reader) await signIn(reader);
      await page.addInitScript(() => {
        const kept = window as unknown as { jumped: number };
        kept.jumped = 0;
        new PerformanceObserver((entries) => {
          for (const entry of entries.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) kept.jumped += entry.value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await page.goto(path);
      await settled(page);
      await prepare?.(page);
    });

    test('for everybody: no jumps, landmarks, WCAG 2.1 AA in light and dark, by keyboard', async ({ page }) => {
      await test.step('nothing jumps while it comes', async () => {
        expect(await page.evaluate(() => (window as unknown as { jumped: number }).jumped)).toBeLessThan(0.1);
      });
      await test.step('one main, one headline, a title of its own, named landmarks', async () => {
        await expect(page.getByRole('main')).toHaveCount(1);
        await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
        await expect(page.getByRole('navigation', { name: 'Pages' })).toHaveCount(1);
        await expect(page).toHaveTitle(/uncac-assist/);
        if (!['not-found', 'sign-in', 'words', 'response-not-yours', 'since-first'].includes(name)) await expect(page.getByText('Exercise data.').first()).toBeVisible();
        for (const table of await page.getByRole('table').all()) await expect(table).toHaveAccessibleName(/./);
      });
      for (const colorScheme of ['light', 'dark'] as const) {
        await test.step(`without a violation of WCAG 2.1 AA, ${colorScheme}`, async () => {
          await page.emulateMedia({ colorScheme });
          // Dark is dark, and not a white page with another word for it.
          const paper = await paperOf(page);
          if (colorScheme === 'dark') expect(Math.max(...paper)).toBeLessThan(80);
          else expect(Math.min(...paper)).toBeGreaterThan(230);
          await expectAccessible(page);
        });
      }
      await test.step('every control by keyboard, in order, with a ring around it', async () => {
        // Where nothing was pressed yet the keyboard begins at the top.
        if (prepare) {
          await page.reload();
          await settled(page);
        }
        await byKeyboard(page);
      });
    });

    test('on any screen and on paper, in both directions; its pictures', async ({ page }) => {
      await test.step('nothing is cut or needs scrolling sideways, from 320 px to 4k', async () => {
        for (const [width, height] of [[320, 640], [375, 812], [768, 1024], [1024, 768], [1440, 900], [2560, 1440], [3840, 2160]] as const) {
          await page.setViewportSize({ width, height });
          await expect(page.getByRole('heading', { level: 1 })).toBeInViewport();
          await expect.poll(() => sideways(page), { message: `${width} px` }).toBeLessThanOrEqual(0);
          if (width === 320) await expectAccessible(page);
        }
      });
      await test.step('text twice as large still fits', async () => {
        await page.setViewportSize({ width: 640, height: 900 });
        await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        expect(await sideways(page)).toBeLessThanOrEqual(0);
        await page.evaluate(() => (document.documentElement.style.fontSize = ''));
        await page.setViewportSize({ width: 1440, height: 900 });
      });
      await test.step('on paper: light, without controls, nothing lost', async () => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        expect(Math.min(...(await paperOf(page)))).toBeGreaterThan(230);
        await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden();
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        for (const control of ['Download', 'Copy link', 'Swap rows and columns', 'Choose a file', 'Save this question', 'Compare now']) {
          await expect(page.getByRole('button', { name: control })).toHaveCount(0);
        }
        for (const table of await page.getByRole('table').all()) await expect(table).toBeVisible();
        expect((await page.pdf({ format: 'A4', landscape: true })).subarray(0, 4).toString()).toBe('%PDF');
        await page.emulateMedia({ media: null, colorScheme: null });
      });
      await test.step('its pictures', () => takePictures(page, name));
      await test.step('from the right, dark', async () => {
        await inArabic(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await expectAccessible(page);
        await takePictures(page, `${name}-ar`);
      });
    });
  });
}

/** Through the page from its top by Tab. */
async function byKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  const seen = new Set<string>();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      if (element === document.body) return null;
      const box = element.getBoundingClientRect();
      // A box behind another element shows the ring on what stands for it, such as its label.
      const marked = [element, element.nextElementSibling, element.parentElement, ...(element instanceof HTMLInputElement ? (element.labels ?? []) : [])];
      const ringed = marked.some((one) => {
        if (!one) return false;
        const style = getComputedStyle(one);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
      });
      const path: string[] = [];
      for (let one: Element | null = element; one?.parentElement; one = one.parentElement) {
        path.unshift(String([...one.parentElement.children].indexOf(one)));
      }
      return {
        path: path.join('/'),
        what: `${element.tagName} ${element.getAttribute('aria-label') ?? element.innerText}`.slice(0, 60),
        ringed,
        shown: box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth,
      };
    });
    if (now === null) break;
    expect(now.ringed, `a ring around ${now.what}`).toBe(true);
    expect(now.shown, `${now.what} is in view`).toBe(true);
    expect(seen.has(now.path), `${now.what} comes twice`).toBe(false);
    seen.add(now.path);
  }
  expect(seen.size).toBeGreaterThan(0);
}

test('titles tell the pages apart', async ({ page }) => {
  const titles: string[] = [];
  for (const path of ['/', '/since', '/country', '/country/KEN', '/response', '/service', '/enter', '/words']) {
    await page.goto(path);
    await settled(page);
    titles.push(await page.title());
  }
  expect(new Set(titles).size, titles.join('; ')).toBe(titles.length);
});

test('light or dark is the reader’s choice, and stays his', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await settled(page);
  const light = await paperOf(page);
  await page.getByRole('button', { name: 'Display' }).click();
  await page.getByRole('option', { name: 'Dark' }).click();
  await expect.poll(() => paperOf(page)).not.toEqual(light);
  const dark = await paperOf(page);
  expect(Math.max(...dark)).toBeLessThan(80);
  await page.reload();
  await settled(page);
  expect(await paperOf(page)).toEqual(dark);
});

test('who wants less motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/');
  await settled(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')].filter((one) => {
      const style = getComputedStyle(one);
      return Math.max(...`${style.transitionDuration},${style.animationDuration}`.split(',').map(parseFloat)) > 0.01;
    }).length,
  );
  expect(moving).toBe(0);
});

test('a list closes with Escape and gives the focus back', async ({ page }) => {
  await page.goto('/');
  await settled(page);
  const part = page.getByRole('heading', { level: 1 }).getByRole('button', { name: /^article/ });
  await part.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listbox')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('listbox')).toHaveCount(0);
  await expect(part).toBeFocused();
});

test('a page that cannot be fetched is told', async ({ page, watched }) => {
  watched.expectErrors(/Failed to (load|fetch)|ERR_|dynamically imported|Unable to preload/);
  await page.goto('/');
  await settled(page);
  await page.route(/\.js(\?|$)/, (route) => route.abort());
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'States' }).click();
  await expect(page.getByText(/This page could not be shown|The service cannot be reached/).or(page.getByRole('heading', { level: 1, name: 'States' })).first()).toBeVisible();
});
