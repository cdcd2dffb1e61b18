// Needs by article and group: the question, its answers, and what keeps them right while one reads.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { askedOfServices, cellOf, expect, gridOf, longDay, type Matrix, test } from './house';

const question = (page: Page): Locator => page.getByRole('heading', { level: 1 });
const figures = (page: Page): Locator => page.getByRole('table', { name: /^Figures as of/ });

/** Another choice for one part of the sentence. */
async function choose(page: Page, part: RegExp, option: RegExp): Promise<void> {
  await question(page).getByRole('button', { name: part }).click();
  await page.getByRole('option', { name: option }).click();
}

/** The figure as the table must show it. */
function shown(figure: { value?: number | null; withheld?: boolean; base?: number; withheld_cells?: number }): string {
  if (figure.withheld) return 'All withheld';
  const beneath = figure.withheld_cells ? ` ${figure.withheld_cells.toLocaleString('en')} withheld` : '';
  return figure.base === 0 ? `No answer${beneath}` : `${figure.value} of ${figure.base}${beneath}`;
}

/** Down to where the pictures come into view. */
async function toPictures(page: Page): Promise<void> {
  await expect(figures(page)).toBeVisible();
  await page.getByRole('contentinfo').scrollIntoViewIfNeeded();
  await expect(page.getByRole('heading', { name: 'The same question in pictures' })).toBeVisible();
}

const starts = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);

/** Every figure of the matrix stands in the table, where its row and its column meet. */
async function expectFigures(page: Page, matrix: Matrix, nameOfRow: (row: { code: string; name: string }) => RegExp): Promise<void> {
  await expect(async () => {
    const grid = await gridOf(figures(page));
    for (const row of matrix.matrix) {
      for (const [at, column] of matrix.column_headers.entries()) {
        const cell = cellOf(grid, nameOfRow(row.header), starts(column.name));
        expect(cell, `${row.header.code} × ${column.code}`).toContain(shown(row.figures[at]!));
      }
    }
  }).toPass({ timeout: 15_000 });
}

const article = ({ code }: { code: string }): RegExp => new RegExp(`^${code.replace('uncac/', '')}$`);

test('the question is the headline, and every cell is what the command line answers', async ({ page, house, signIn }) => {
  await signIn('provider-EX1');
  await page.goto('/');
  await expect(question(page)).toHaveText(
    new RegExp(
      `^How many States state a need.* for any type of assistance.*, by article.* and regional group.*, ` +
        `in their latest answers.*, as of ${longDay(new Date())}`,
    ),
  );
  await expect(page.getByText('As provider EX1 you see answers shared with all providers')).toBeVisible();
  const matrix = await house.ask<Matrix>('provider-EX1', 'matrix', '--rows', 'article', '--cols', 'regional_group');
  const asked = await gridOf(figures(page)).then((grid) => grid.flat());
  // The exercise answers the fifteen articles of 2007 and those of the comprehensive checklist.
  matrix.matrix = matrix.matrix.filter((row) => asked.includes(row.header.code.replace('uncac/', '')));
  expect(matrix.matrix.length).toBeGreaterThanOrEqual(15);
  await expectFigures(page, matrix, article);
});

test('a reader who sees nothing of a figure reads that it is withheld, never nought', async ({ page, house }) => {
  await page.goto('/');
  await expect(page.getByText('You see answers that States share with the public')).toBeVisible();
  await choose(page, /^article/, /^State$/);
  await choose(page, /^regional group/, /^chapter$/);
  const matrix = await house.ask<Matrix>('', 'matrix', '--rows', 'state', '--cols', 'chapter');
  const hidden = matrix.matrix.filter((row) => row.figures.every((figure) => figure.withheld));
  expect(hidden.length, 'some State shares nothing with the public').toBeGreaterThan(5);
  // Until the answer to the whole question is there the table of the one before stands.
  await expect(figures(page).getByRole('columnheader', { name: /Preventive/ })).toBeVisible();
  await expect(figures(page).getByRole('rowheader', { name: hidden[0]!.header.name })).toBeVisible();
  const grid = await gridOf(figures(page));
  for (const { header } of hidden) {
    const cells = grid.find((line) => line[0] === header.name)!.slice(1, 5);
    // Nor can the number of what is withheld tell one who filed from one who did not.
    for (const cell of cells) expect(cell, header.name).toMatch(/^All withheld/);
    expect(cells.join(' '), header.name).not.toMatch(/(^| )0( |$)|–|—/);
  }
});

test('any two dimensions make the table, and rows and columns change places', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await choose(page, /^article/, /^chapter$/i);
  await choose(page, /^regional group/, /^type of assistance$/i);
  await expect(question(page)).toHaveText(/by chapter.* and type of assistance/);
  const matrix = await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'chapter', '--cols', 'type');
  const named = ({ name }: { name: string }): RegExp => starts(name);
  await expectFigures(page, matrix, named);

  await page.getByRole('button', { name: 'Swap rows and columns' }).click();
  await expect(question(page)).toHaveText(/by type of assistance.* and chapter/);
  await expectFigures(page, await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'type', '--cols', 'chapter'), named);
});

test('the address holds the question: whoever opens it reads the same', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await choose(page, /^any type of assistance/, /^legal advice/i);
  await choose(page, /^regional group/, /^subregion$/i);
  await page.getByRole('button', { name: /add a condition/ }).click();
  await page.getByRole('option', { name: /^Chapter$/ }).click();
  await page.getByRole('dialog', { name: 'Chapter' }).getByLabel('Asset recovery').check();
  await page.getByRole('button', { name: 'Ask with this one' }).click();
  const asked = ['matrix', '--rows', 'article', '--cols', 'subregion', '--where', 'type=LEGAL_ADVICE', '--where', 'chapter=V'];
  const matrix = await house.ask<Matrix>('secretariat', ...asked);
  matrix.matrix = matrix.matrix.filter((row) => ['uncac/52', 'uncac/53', 'uncac/57'].includes(row.header.code));
  expect(matrix.matrix).toHaveLength(3);
  await expectFigures(page, matrix, article);
  const sentence = await question(page).innerText();

  await page.reload();
  await expect(question(page)).toHaveText(sentence, { useInnerText: true });
  await expectFigures(page, matrix, article);

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(question(other)).toHaveText(sentence, { useInnerText: true });

  await page.getByRole('button', { name: /^Remove: Chapter/ }).click();
  const prevention = figures(page).getByRole('rowheader', { name: 'Preventive anti-corruption policies and practices' });
  await expect(prevention).toBeVisible();
});

test('the as-of track goes from change to change, and the figures with it', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  const track = page.getByRole('slider', { name: /as.of/i });
  await expect(track).toHaveAttribute('aria-valuetext', `${longDay(new Date())}, today`);
  await track.focus();
  await page.keyboard.press('Home');
  await expect(question(page)).toHaveText(/as of \d+ \w+ 20(0\d|10)/);
  await page.keyboard.press('ArrowRight');
  const text = async () => (await track.getAttribute('aria-valuetext'))!;
  const day = new Date(`${(await text()).replace(/,.*/, '')} UTC`);
  expect(day.getUTCFullYear()).toBeLessThan(2016);
  const asOf = day.toISOString().slice(0, 10);
  const matrix = await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'article', '--cols', 'regional_group', '--as-of', asOf);
  matrix.matrix = matrix.matrix.filter((row) => ['uncac/5', 'uncac/44', 'uncac/57'].includes(row.header.code));
  await expectFigures(page, matrix, article);

  await question(page).getByRole('button', { name: /20\d\d/ }).click();
  await page.getByLabel('Another day').fill('2009-12-31');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(question(page)).toHaveText(/as of 31 December 2009/);
  await expect(track).toHaveAttribute('aria-valuetext', /2009/);
});

test('the browser’s way back leads to the question before', async ({ page }) => {
  await page.goto('/');
  await expect(figures(page)).toBeVisible();
  await choose(page, /^regional group/, /^subregion$/);
  await expect(question(page)).toHaveText(/by article.* and subregion/);
  await page.goBack();
  await expect(question(page)).toHaveText(/by article.* and regional group/);
});

test('States stand by name, and nothing shades, sizes or sorts them', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await choose(page, /^article/, /^State$/i);
  const matrix = await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'state', '--cols', 'regional_group');
  const names = matrix.matrix.map((row) => row.header.name);
  await expect(async () => {
    const grid = await gridOf(figures(page));
    const found = grid.map((line) => names.find((name) => line[0] === name || line[0]?.startsWith(`${name} `) || line[1] === name));
    expect(found.filter((name) => name !== undefined)).toEqual(names);
  }).toPass({ timeout: 20_000 });
  expect(await page.locator('[aria-sort]').count()).toBe(0);
  const looks = await figures(page).locator('tbody td').evaluateAll((cells) => [
    ...new Set(
      cells.filter((cell) => /\d of \d|withheld/.test(cell.textContent ?? '')).map((cell) => {
        const style = getComputedStyle(cell);
        return `${style.backgroundColor} ${style.backgroundImage} ${style.fontSize} ${style.opacity}`;
      }),
    ),
  ]);
  // One look for the figures, one for the column of totals.
  expect(looks.length).toBeLessThanOrEqual(2);
  await question(page).getByRole('button', { name: /^State\b(?!s)/ }).click();
  await expect(page.getByRole('option', { name: /by (number|figure|need)|most|least|rank/i })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('img', { name: /by State/i })).toHaveCount(0);
});

test('a cell lists its States by name for who may see them, and for nobody else', async ({ page, house, signIn, heard }) => {
  interface Need {
    state: string;
    provision: string;
  }
  const question_ = ['--where', 'provision=uncac/46', '--where', 'regional_group=WEOG'];
  const states = async (reader: string) =>
    [...new Set((await house.ask<Need[]>(reader, 'needs', 'list', ...question_)).map((need) => need.state))];
  const all = await states('secretariat');
  const open = await states('');
  expect(open.length).toBeGreaterThan(0);
  expect(open.length).toBeLessThan(all.length);
  const names = new Map(
    (await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'state')).matrix.map(({ header }) => [header.code, header.name]),
  );

  const openCell = async () => {
    await figures(page).getByRole('button', { name: /46 Mutual legal assistance, Western European/ }).click();
    return page.getByRole('dialog');
  };
  await page.goto('/');
  let panel = await openCell();
  await expect(panel.getByRole('link', { name: names.get(open[0]!) }).first()).toBeVisible();
  const listed = async () => {
    const texts = await panel.getByRole('link').allInnerTexts();
    return [...names.values()].filter((name) => texts.some((text) => text.startsWith(name)));
  };
  expect((await listed()).sort()).toEqual(open.map((code) => names.get(code)!).sort());
  // Neither on the screen nor on its way there.
  for (const code of all.filter((one) => !open.includes(one))) expect(heard(`${code}:uncac/46`)).toBe(false);
  expect(heard(`${open[0]}`)).toBe(true);

  await signIn('secretariat');
  await page.goto('/');
  panel = await openCell();
  await expect(panel.getByText(`${all.length} States`)).toBeVisible();
  const order = (await panel.getByRole('link').allInnerTexts()).map((text) => text.split('\n')[0]!.trim());
  const expected = all.map((code) => names.get(code)!);
  expect(order.filter((text) => expected.includes(text))).toEqual(expected);
  await panel.getByRole('link', { name: expected[0]! }).first().click();
  await expect(page).toHaveURL(new RegExp(`/country/${all[0]}`));
  await expect(page.getByRole('heading', { level: 1 })).toContainText(expected[0]!);
});

test('every chart has its numbers as a table in the same box', async ({ page, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await toPictures(page);
  for (const title of ['Needs stated, by type and chapter', 'Needs stated, by chapter and coverage', 'From round to round']) {
    const box = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: title }) });
    await box.scrollIntoViewIfNeeded();
    await expect(box.getByRole('img').first()).toHaveAccessibleName(/.{20}/);
    await box.getByRole('radio', { name: 'Table' }).check();
    const table = box.getByRole('table');
    await expect(table).toBeVisible();
    expect((await gridOf(table)).flat().filter((text) => /^[\d,]+$/.test(text)).length, title).toBeGreaterThan(3);
  }
});

test('the type and chapter picture has the numbers of the command line', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await toPictures(page);
  const box = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Needs stated, by type and chapter' }) });
  await box.scrollIntoViewIfNeeded();
  await box.getByRole('radio', { name: 'Table' }).check();
  const matrix = await house.ask<Matrix>('secretariat', 'matrix', '--rows', 'type', '--cols', 'chapter', '--measure', 'needs_stated');
  const grid = await gridOf(box.getByRole('table'));
  for (const row of matrix.matrix) {
    for (const [at, column] of matrix.column_headers.entries()) {
      const number = row.figures[at]!.value!;
      const cell = cellOf(grid, starts(row.header.name), new RegExp(`^${column.code}( |$)`));
      expect(cell?.replace(/,/g, ''), `${row.header.code} × ${column.code}`).toBe(String(number));
    }
  }
});

test('the tiles carry names, no answers, and open the State’s page', async ({ page, signIn }) => {
  await signIn('secretariat');
  await page.goto('/');
  await toPictures(page);
  const box = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'States by regional group' }) });
  await box.scrollIntoViewIfNeeded();
  const tiles = box.getByRole('link');
  await expect(tiles.filter({ hasText: 'DZA' })).toBeVisible();
  const looks = await tiles.evaluateAll((all) => [
    ...new Set(all.map((one) => `${getComputedStyle(one).backgroundColor} ${getComputedStyle(one).backgroundImage}`)),
  ]);
  expect(looks).toHaveLength(1);
  await box.getByRole('link', { name: /Algeria/ }).click();
  await expect(page).toHaveURL(/\/country\/DZA/);
});

test('the table is downloaded as the command line writes it', async ({ page, house, signIn }) => {
  await signIn('provider-EX2');
  await page.goto('/');
  await expect(figures(page)).toBeVisible();
  const take = async (name: string) => {
    await page.getByRole('button', { name: 'Download' }).first().click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const csv = await take('This table as CSV');
  expect(csv.name).toMatch(/\.csv$/);
  const told = await house.run('provider-EX2', '--format', 'csv', 'matrix', '--rows', 'article', '--cols', 'regional_group');
  const lines = (text: string) => text.trim().split(/\r?\n/).filter((line) => !line.startsWith('note'));
  expect(lines(csv.bytes.toString('utf8').replace(/^\ufeff/, ''))).toEqual(lines(told));
  const workbook = await take('This table as XLSX');
  expect(workbook.name).toMatch(/\.xlsx$/);
  expect(workbook.bytes.subarray(0, 2).toString()).toBe('PK');
});

test('a submission from the command line is told within two seconds; nothing moves until it is let in', async ({ page, house, signIn }) => {
  await signIn('provider-EX1');
  await page.goto('/');
  const reloaded = await page.evaluate(() => ((window as unknown as { opened: number }).opened = 1));
  expect(reloaded).toBe(1);
  await expect(figures(page)).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  const before = await figures(page).innerText();
  const place = await figures(page).boundingBox();

  await house.submit('MWI', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', state_priority: 'HIGH', audience: 'PUBLIC' },
    { provision: 'uncac/46', type: 'MODEL_TREATY', audience: 'PROVIDERS' },
  ]);
  const pill = page.getByRole('button', { name: /new changes?/ });
  await expect(pill).toBeVisible({ timeout: 2_000 });
  expect(await figures(page).innerText()).toBe(before);
  expect(await figures(page).boundingBox()).toEqual(place);

  await pill.click();
  const matrix = await house.ask<Matrix>('provider-EX1', 'matrix', '--rows', 'article', '--cols', 'regional_group');
  matrix.matrix = matrix.matrix.filter((row) => ['uncac/9', 'uncac/46'].includes(row.header.code));
  await expectFigures(page, matrix, article);
  await expect(pill).toBeHidden();
  expect(await page.evaluate(() => (window as unknown as { opened?: number }).opened)).toBe(1);
});

test('what is not shared with a reader is not even announced to him', async ({ page, house, heard }) => {
  await page.goto('/');
  await expect(figures(page)).toBeVisible();
  await house.submit('LSO', [{ provision: 'uncac/52', type: 'ACTION_PLAN', audience: 'RESTRICTED' }]);
  // Something public afterwards, so that the first would have come before it.
  await house.submit('BEN', [{ provision: 'uncac/52', type: 'ACTION_PLAN', audience: 'PUBLIC' }]);
  await expect(page.getByRole('button', { name: /new changes?/ })).toBeVisible({ timeout: 5_000 });
  await expect.poll(() => heard('BEN:uncac/52:ACTION_PLAN')).toBe(true);
  expect(heard('LSO:uncac/52:ACTION_PLAN')).toBe(false);
});

test('while the answer is on its way the page says so, and keeps its shape', async ({ page }) => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  await page.route(askedOfServices, async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto('/');
  await expect(question(page)).toBeVisible();
  await expect(page.getByText(/^Loading/).first()).toBeAttached();
  await expect(page.locator('[aria-busy=true]').first()).toBeVisible();
  release();
  await expect(figures(page)).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
});

test('a service that cannot answer is told in words, and asked again by itself', async ({ page, watched }) => {
  watched.expectErrors(/503/);
  await page.route(askedOfServices, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({ code: 'unavailable', message: 'sharing cannot be confirmed' }),
    }),
  );
  await page.goto('/');
  await expect(page.getByText('The service cannot answer right now.').first()).toBeVisible();
  await expect(page.getByText('It shows nothing rather than too much or something old.', { exact: false }).first()).toBeVisible();
  await page.unroute(askedOfServices);
  await expect(figures(page)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('The service cannot answer right now.')).toHaveCount(0);
});

test('a lost connection shows, the last answer stays, and what happened meanwhile comes by itself', async ({ page, house, watched, context }) => {
  watched.expectErrors(/ERR_INTERNET_DISCONNECTED|Failed to load resource|ERR_NETWORK/);
  await page.goto('/');
  await expect(figures(page)).toBeVisible();
  await page.evaluate(() => ((window as unknown as { opened: number }).opened = 1));
  const before = await figures(page).innerText();
  await context.setOffline(true);
  await expect(page.getByText(/No connection since \d\d:\d\d/)).toBeVisible();
  expect(await figures(page).innerText()).toBe(before);
  await house.submit('TGO', [{ provision: 'uncac/53', type: 'LEGAL_ADVICE', audience: 'PUBLIC' }]);
  await context.setOffline(false);
  await expect(page.getByText(/No connection since/)).toBeHidden({ timeout: 30_000 });
  const pill = page.getByRole('button', { name: /new changes?/ });
  await expect(pill).toBeVisible({ timeout: 30_000 });
  await pill.click();
  const matrix = await house.ask<Matrix>('', 'matrix', '--rows', 'article', '--cols', 'regional_group');
  matrix.matrix = matrix.matrix.filter((row) => row.header.code === 'uncac/53');
  await expectFigures(page, matrix, article);
  expect(await page.evaluate(() => (window as unknown as { opened?: number }).opened)).toBe(1);
});

test('a question that nobody may see the answer of names the reason', async ({ page, signIn }) => {
  await signIn('operator');
  await page.goto('/');
  await expect(page.getByText(/you see no answers|not for your role/i).first()).toBeVisible();
  await expect(page.getByText(/^\d+ of \d+$/)).toHaveCount(0);
});

test('an address with a slip in it is refused in words, not shown as everything', async ({ page, watched }) => {
  watched.expectErrors(/400|Failed to load resource/);
  await page.goto('/?rows=article&columns=regional_group&type=NO_SUCH_TYPE');
  await expect(figures(page).or(page.getByText(/does not accept|There is nothing here/)).first()).toBeVisible();
  if (await figures(page).isVisible()) {
    // A page that corrects the address says so in the address too.
    await expect(page).not.toHaveURL(/NO_SUCH_TYPE/);
  }
});
