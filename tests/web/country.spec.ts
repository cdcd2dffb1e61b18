// One State's page: what it answered, what it needs, who sees it; and for the State itself, its decisions.
import type { Locator, Page } from '@playwright/test';
import { cellOf, expect, expectAccessible, gridOf, type Matrix, test, thisYear } from './house';

const needs = (page: Page): Locator => page.getByRole('table', { name: 'Every need, with history and source' });
const needOf = (page: Page, name: RegExp): Locator => needs(page).getByRole('row', { name });
const sharing = (page: Page): Locator => page.getByRole('complementary', { name: 'Who sees what' });

test('the list has every State by name, and a name opens its page', async ({ page, house }) => {
  await page.goto('/country');
  const names = (await house.ask<Matrix>('', 'matrix', '--rows', 'state')).matrix.map((row) => row.header.name);
  const links = page.getByRole('main').getByRole('link');
  await expect(page.getByRole('link', { name: 'Zimbabwe' })).toBeVisible();
  for (const name of names) await expect(links.and(page.getByRole('link', { name, exact: true })), name).toHaveCount(1);
  await page.getByRole('link', { name: 'Zimbabwe' }).click();
  await expect(page).toHaveURL(/\/country\/ZWE$/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Zimbabwe');
});

test('chapters by need state are those of the command line, and add up', async ({ page, house, signIn }) => {
  await signIn('secretariat');
  await page.goto('/country/UGA');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Uganda');
  const table = page.getByRole('table', { name: 'Answers by chapter' });
  await expect(table).toBeVisible();
  interface Line {
    provisions: { provision: string; need_state: string }[];
  }
  const preview = await house.ask<Line>('secretariat', 'share', 'preview', '--state', 'UGA', '--reader', 'state:UGA');
  // The 188 items of articles 5 to 59.
  const items = new Map(preview.provisions.map((line) => [line.provision, line.need_state]));
  const chapterOf = (number: number) => (number < 15 ? 'II' : number < 43 ? 'III' : number < 51 ? 'IV' : 'V');
  const all: Record<string, number> = { II: 34, III: 67, IV: 60, V: 27 };
  const grid = await gridOf(table);
  for (const [chapter, provisions] of Object.entries(all)) {
    const row = new RegExp(`^${chapter}( |$)`);
    expect(cellOf(grid, row, /^Provisions$/)).toBe(String(provisions));
    const numbers = ['Stated', 'None stated', 'Not answered', 'Withheld', 'Not asked'].map((state) =>
      Number(cellOf(grid, row, new RegExp(`^${state}$`))),
    );
    expect(numbers.reduce((sum, one) => sum + one, 0), chapter).toBe(provisions);
    const stated = [...items].filter(([id, state]) => chapterOf(Number(/\d+/.exec(id)![0])) === chapter && state === 'STATED').length;
    expect(numbers[0], `${chapter} stated`).toBe(stated);
  }
});

test('each need stands with its priority, who sees it, its source and its history', async ({ page, house, signIn }) => {
  await house.submit('ZMB', [{ provision: 'uncac/9', type: 'LEGAL_ADVICE', state_priority: 'HIGH', audience: 'PROVIDERS' }]);
  await house.submit('ZMB', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', state_priority: 'LOW', audience: 'PROVIDERS' },
    { provision: 'uncac/46', type: 'MODEL_TREATY', audience: 'PUBLIC' },
  ]);
  await signIn('focal-point-ZMB');
  await page.goto('/country/ZMB');
  await expect(page.getByRole('heading', { name: 'Every need, with history and source' })).toBeVisible();
  const row = needOf(page, /^9 .*Legal advice/).first();
  await expect(row).toContainText(/low/i);
  await expect(row).toContainText('All providers');
  await expect(row).toContainText('Self-assessment');
  await expect(row).toContainText(`uncac-2007 ${thisYear}`);
  await expect(row).toContainText(/version 2/);
  await row.getByRole('button', { name: /History/ }).click();
  // Both versions are of today: what holds of the day is the second.
  await expect(page.getByRole('listitem').filter({ hasText: 'Stated first' })).toContainText(`priority low · uncac-2007 ${thisYear}, version 2`);
  await expectAccessible(page);

  // The list is that of the command line, in treaty order.
  const listed = await house.ask<{ provision: string }[]>('focal-point-ZMB', 'needs', 'list', '--where', 'state=ZMB');
  await expect(page.getByText(new RegExp(`In the order of the Convention\\..*${listed.length} shown`))).toBeVisible();
});

test('rounds stand side by side, by need state and not by number', async ({ page, signIn }) => {
  await signIn('secretariat');
  await page.goto('/country/TZA');
  await expect(page.getByRole('heading', { name: 'Rounds compared' })).toBeVisible();
  const table = page.getByRole('table', { name: 'Rounds compared' });
  const grid = await gridOf(table);
  for (const round of ['2007', '2009', '2010', '2015']) {
    const states = ['5', '17', '44', '57'].map((number) => cellOf(grid, new RegExp(`^${number}( |$)`), new RegExp(`^${round}$`)));
    for (const state of states) expect(state, round).toMatch(/^(Stated|None stated|Not answered|Withheld|Not asked)$/);
  }
});

test('a reader with whom nothing is shared gets nothing, on the screen or under it', async ({ page, house, signIn, heard }) => {
  await house.submit('MDG', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', measures: 'an act on procurement of madagascar', audience: 'RESTRICTED' },
    { provision: 'uncac/46', type: 'MODEL_TREATY', measures: 'a treaty of madagascar', audience: 'NAMED:EX1' },
  ]);
  await house.run('focal-point-MDG', 'share', 'set', '--state', 'MDG', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await house.run('focal-point-MDG', 'share', 'set', '--state', 'MDG', '--provision', 'uncac/46', '--audience', 'NAMED:EX1');
  const secrets = [/act on procurement of madagascar/, /MDG:uncac\/9/];
  for (const reader of ['', 'focal-point-KEN', 'provider-EX2']) {
    if (reader) await signIn(reader);
    await page.goto('/country/MDG');
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Madagascar');
    await expect(page.getByText('No need in your view.')).toBeVisible();
    await expect(page.getByText(/provisions are withheld from you/).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /^Change/ })).toHaveCount(0);
    for (const secret of [...secrets, /MDG:uncac\/46/, /a treaty of madagascar/]) expect(heard(secret), reader).toBe(false);
  }
  await signIn('provider-EX1');
  await page.goto('/country/MDG');
  await expect(needOf(page, /46 .*Model treaty/).first()).toBeVisible();
  for (const secret of secrets) expect(heard(secret)).toBe(false);
  // Only the kind of the audience, for him too: who else is named is the State's.
  await signIn('focal-point-MDG');
  await page.goto('/country/MDG');
  await expect(needOf(page, /9 .*Legal advice/).first()).toBeVisible();
  await expect.poll(() => heard(/uncac\/9/)).toBe(true);
});

test('an outsider never learns the names in an audience', async ({ page, house, signIn, heard }) => {
  await house.submit('NAM', [{ provision: 'uncac/25', type: 'ONSITE_EXPERT', audience: 'NAMED:EX1|EX2' }]);
  await signIn('provider-EX1');
  await page.goto('/country/NAM');
  const row = needOf(page, /25 .*On-site/).first();
  await expect(row).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('EX2');
  expect(heard(/\bEX2\b/)).toBe(false);
  await signIn('focal-point-NAM');
  await page.goto('/country/NAM');
  await expect(sharing(page)).toContainText('EX2');
});

test('the State widens one article, sees beforehand what that does, and a provider sees it', async ({ page, house, signIn, browser }) => {
  await house.submit('BWA', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', audience: 'RESTRICTED' },
    { provision: 'uncac/52', type: 'ACTION_PLAN', audience: 'RESTRICTED' },
  ]);
  await house.run('focal-point-BWA', 'share', 'set', '--state', 'BWA', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await signIn('focal-point-BWA');
  await page.goto('/country/BWA');
  await expect(page.getByText('your State')).toBeVisible();
  const panel = sharing(page);
  await expect(panel).toContainText('Restricted');

  await panel.getByRole('button', { name: 'Exception for a provision' }).click();
  await panel.getByRole('combobox', { name: 'Provision' }).selectOption({ label: '9 Public procurement and management of public finances' });
  const choices = panel.getByRole('radio');
  expect(await choices.evaluateAll((all) => all.filter((one) => (one as HTMLInputElement).checked).length), 'none preselected').toBe(0);
  await panel.getByRole('radio', { name: /All providers/ }).check();
  await expect(panel.getByText('What changes')).toBeVisible();
  await expect(panel).toContainText('1 need will be seen by more.');
  await expect(panel).toContainText('Nobody loses sight of one.');
  // Nothing is decided by looking.
  expect(await house.run('provider-EX1', 'needs', 'list', '--where', 'state=BWA')).toContain('0 needs');
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Share with all providers' }).click();
  await expect(panel.getByText(/Done: \d+ decisions? recorded/)).toBeVisible();

  const listed = await house.run('provider-EX1', 'needs', 'list', '--where', 'state=BWA');
  expect(listed).toContain('BWA:uncac/9:LEGAL_ADVICE');
  expect(listed).not.toContain('uncac/52');
  const other = await browser.newContext();
  await other.request.post(`${house.http}/session`, { data: { identity: 'provider-EX1' } });
  const theirs = await other.newPage();
  await theirs.goto(`${house.http}/country/BWA`);
  await expect(needOf(theirs, /9 .*Legal advice/).first()).toBeVisible();
  await expect(theirs.getByText('Action plan')).toHaveCount(0);
  await other.close();
});

test('the State sees its page as a provider sees it', async ({ page, house, signIn }) => {
  await house.submit('SWZ', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', audience: 'NAMED:EX1' },
    { provision: 'uncac/52', type: 'ACTION_PLAN', audience: 'RESTRICTED' },
  ]);
  await house.run('focal-point-SWZ', 'share', 'set', '--state', 'SWZ', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await house.run('focal-point-SWZ', 'share', 'set', '--state', 'SWZ', '--provision', 'uncac/9', '--audience', 'NAMED:EX1');
  await signIn('focal-point-SWZ');
  await page.goto('/country/SWZ');
  await expect(needOf(page, /52 .*Action plan/i).first()).toBeVisible();
  const readers = page.getByRole('radiogroup', { name: 'See this page as' });
  await readers.getByRole('radio', { name: 'EX1' }).check();
  await expect(page.getByText(/This is the page as it is for: .*EX1/)).toBeVisible();
  await expect(needOf(page, /9 .*Legal advice/).first()).toBeVisible();
  await expect(needOf(page, /52 .*Action plan/i)).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Change/ })).toHaveCount(0);
  await readers.getByRole('radio', { name: 'Public' }).check();
  await expect(page.getByText('No need in your view.').or(page.getByText(/No need/)).first()).toBeVisible();
  await expect(needOf(page, /9 .*Legal advice/)).toHaveCount(0);
});

test('a decision that is taken back is gone from the provider’s open page', async ({ page, house, signIn }) => {
  await house.submit('MUS', [{ provision: 'uncac/53', type: 'LEGAL_ADVICE', audience: 'PUBLIC' }]);
  await signIn('provider-EX1');
  await page.goto('/country/MUS');
  const row = needOf(page, /53 .*Legal advice/).first();
  await expect(row).toBeVisible();
  await house.run('focal-point-MUS', 'share', 'revoke', '--state', 'MUS', '--provision', 'uncac/53');
  await expect(row).toBeHidden({ timeout: 5_000 });
});

test('the secretariat changes no sharing, and a code that is no State is told', async ({ page, signIn, watched }) => {
  await signIn('secretariat');
  await page.goto('/country/ETH');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Ethiopia');
  await expect(page.getByRole('button', { name: /^Change/ })).toHaveCount(0);
  watched.expectErrors(/40[04]|Failed to load resource/);
  await page.goto('/country/XXX');
  await expect(page.getByText(/There is nothing here|no such page|does not accept/i).first()).toBeVisible();
  await expect(needs(page)).toHaveCount(0);
});
