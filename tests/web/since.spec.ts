// Changes since the last visit: newest day first, States by name within a day, live.
import type { Locator, Page } from '@playwright/test';
import { expect, longDay, test } from './house';

/** The changes of a State, by kind and article. */
const change = (page: Page, state: string, kind: string, article = ''): Locator =>
  page.getByRole('main').getByRole('listitem').getByRole('link', { name: new RegExp(`^${state} ${kind}.*${article && ` ${article} `}`) });
const pill = (page: Page): Locator => page.getByRole('button', { name: /new changes?/ });

/** A first visit, so that the next one is a return. */
async function visit(page: Page): Promise<void> {
  await page.goto('/since');
  await expect(page.getByText('This is your first visit with this identity.')).toBeVisible();
}

test('a first visit says what to do; the next one shows what happened between', async ({ page, house, signIn }) => {
  await signIn('provider-EX1');
  await visit(page);
  await page.getByRole('link', { name: 'Needs', exact: true }).click();
  // In the other order than that of their names.
  await house.submit('GMB', [{ provision: 'uncac/44', type: 'LEGAL_ADVICE', state_priority: 'HIGH', audience: 'PROVIDERS' }]);
  await house.submit('BDI', [{ provision: 'uncac/6', type: 'ONSITE_EXPERT', audience: 'PUBLIC' }]);
  await house.submit('COM', [{ provision: 'uncac/44', type: 'LEGAL_ADVICE', audience: 'RESTRICTED' }]);
  await page.getByRole('link', { name: 'Changes', exact: true }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/What has changed in any need.* of any State.*, under any article.*, since my last visit/);
  const today = page.getByRole('heading', { level: 2, name: new RegExp(longDay(new Date())) });
  await expect(today).toContainText(/today, \d+ changes?/);
  const gambia = change(page, 'Gambia', 'Need stated', '44');
  await expect(gambia.first()).toContainText('Legal advice');
  await expect(gambia.first()).toContainText(/priority high/i);
  const burundi = change(page, 'Burundi', 'Need stated', '6');
  await expect(burundi.first()).toBeVisible();
  // Burundi before Gambia, though it filed later.
  expect((await burundi.first().boundingBox())!.y).toBeLessThan((await gambia.first().boundingBox())!.y);
  await expect(page.getByText('Comoros')).toHaveCount(0);

  await gambia.first().click();
  await expect(page).toHaveURL(/\/country\/GMB/);
  await expect(page.getByRole('table', { name: /Every need/ }).getByRole('row', { name: /^44 .*Legal advice/ }).first()).toBeVisible();
});

test('a change comes to the open page within two seconds, and waits until it is let in', async ({ page, house, signIn }) => {
  await signIn('provider-EX2');
  await visit(page);
  await page.evaluate(() => ((window as unknown as { opened: number }).opened = 1));
  await house.submit('SLE', [{ provision: 'uncac/16', type: 'MODEL_LEGISLATION', audience: 'PUBLIC' }]);
  await expect(pill(page)).toBeVisible({ timeout: 2_000 });
  await expect(change(page, 'Sierra Leone', '')).toHaveCount(0);
  await pill(page).click();
  await expect(change(page, 'Sierra Leone', 'Need stated', '16').first()).toBeVisible();
  // Focus goes where the new rows are, not to the top.
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);

  const file = await house.run('focal-point-SLE', '--format', 'json', 'response', 'list', '--state', 'SLE');
  expect(file).toContain('uncac-2007');
  await house.run('focal-point-SLE', 'response', 'withdraw', '--state', 'SLE', '--checklist', 'uncac-2007', '--round', String(new Date().getUTCFullYear()), '--reason', 'an exercise');
  await expect(pill(page)).toBeVisible({ timeout: 2_000 });
  await pill(page).click();
  await expect(change(page, 'Sierra Leone', 'No longer stated', '16').first()).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { opened?: number }).opened)).toBe(1);
});

test('when a State takes a decision back, it says so and nothing else', async ({ page, house, signIn, heard }) => {
  await house.submit('GIN', [{ provision: 'uncac/57', type: 'ACTION_PLAN', audience: 'PUBLIC' }]);
  await house.run('', 'needs', 'list', '--where', 'state=GIN');
  await signIn('provider-EX1');
  await visit(page);
  await house.run('focal-point-GIN', 'share', 'set', '--state', 'GIN', '--provision', 'uncac/57', '--audience', 'RESTRICTED');
  await expect(pill(page)).toBeVisible({ timeout: 2_000 });
  await pill(page).click();
  const gone = change(page, 'Guinea', 'No longer shared with you', '57');
  await expect(gone.first()).toContainText('nothing else is shown');
  // Later answers to it are nobody's business here.
  await house.submit('GIN', [{ provision: 'uncac/57', type: 'LEGAL_ADVICE', measures: 'kept to ourselves', audience: 'RESTRICTED' }]);
  await house.submit('GNB', [{ provision: 'uncac/57', type: 'LEGAL_ADVICE', audience: 'PUBLIC' }]);
  await expect.poll(() => heard('GNB:uncac/57:LEGAL_ADVICE')).toBe(true);
  expect(heard('GIN:uncac/57:LEGAL_ADVICE')).toBe(false);
  expect(heard('kept to ourselves')).toBe(false);
});

test('a question is saved under a name, for this identity in this browser', async ({ page, house, signIn }) => {
  await house.submit('RWA', [{ provision: 'uncac/23', type: 'TECHNOLOGICAL', audience: 'PUBLIC' }]);
  await signIn('provider-EX1');
  await page.goto('/since');
  const sentence = page.getByRole('heading', { level: 1 });
  await sentence.getByRole('button', { name: /any State/ }).click();
  // By the keyboard, as one finds a name in a long list.
  await expect(page.getByRole('listbox', { name: 'State' })).toBeFocused();
  await page.keyboard.type('rwan');
  await page.keyboard.press('Enter');
  await expect(sentence).toContainText('Rwanda');
  await expect(page).toHaveURL(/RWA/);
  await expect(change(page, 'Rwanda', '', '23').first()).toBeVisible();

  await page.getByRole('button', { name: 'Save this question' }).click();
  await page.getByLabel('Name').fill('Rwanda alone');
  await page.getByLabel('Name').press('Enter');
  const saved = page.getByRole('complementary').getByRole('link', { name: 'Rwanda alone' });
  await expect(saved).toBeVisible();
  await page.getByRole('complementary').getByRole('link', { name: 'Everything I may see' }).click();
  await expect(sentence).toContainText('any State');
  await page.reload();
  await saved.click();
  await expect(sentence).toContainText('Rwanda');

  await signIn('provider-EX2');
  await page.goto('/since');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('Rwanda alone')).toHaveCount(0);

  await signIn('provider-EX1');
  await page.goto('/since');
  await page.getByRole('button', { name: 'Forget: Rwanda alone' }).click();
  await expect(page.getByText('Rwanda alone')).toHaveCount(0);
});

test('the page gives the place from which a program goes on', async ({ page, house, signIn }) => {
  await signIn('provider-EX1');
  await page.goto('/since');
  const line = page.getByText(/uncac needs follow --from \S+/);
  await expect(line).toBeVisible();
  const place = /--from (\S+)/.exec(await line.innerText())![1]!;
  await house.submit('SEN', [{ provision: 'uncac/55', type: 'GOOD_PRACTICES', audience: 'PUBLIC' }]);
  await house.run('', 'needs', 'list', '--where', 'state=SEN');
  await expect
    .poll(() => house.run('provider-EX1', 'needs', 'follow', '--from', place, '--until-caught-up'))
    .toContain('SEN:uncac/55:GOOD_PRACTICES');
});

test('a visit set to now leaves nothing old', async ({ page, house, signIn }) => {
  await signIn('provider-EX1');
  await visit(page);
  await page.goto('/');
  await house.submit('CPV', [{ provision: 'uncac/5', type: 'ACTION_PLAN', audience: 'PUBLIC' }]);
  await page.goto('/since');
  await expect(change(page, 'Cabo Verde', '').first()).toBeVisible();
  await page.getByRole('button', { name: 'Set my last visit to now' }).click();
  await expect(page.getByText('Nothing has changed since your last visit.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Nothing has changed since your last visit.')).toBeVisible();
  await expect(page.getByText('Cabo Verde')).toHaveCount(0);
});
