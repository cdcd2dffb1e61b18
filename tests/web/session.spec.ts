// Who one is: chosen, shown, left; and what that keeps from whom.
import type { Page, Route } from '@playwright/test';
import { askedOfServices, expect, expectAccessible, test } from './house';

const leave = (page: Page): Promise<void> => page.getByText('Sign out', { exact: true }).click();

test('whoever comes is the public, chooses who he is, and leaves again', async ({ page, house }) => {
  await page.goto('/');
  const signIn = page.getByRole('banner').getByRole('link', { name: 'Sign in' });
  await signIn.click();
  await expect(page.getByRole('heading', { name: 'Sign in to the exercise' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Find a State or role').fill('keny');
  await expect(page.getByRole('button', { name: /Albania/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Focal point Kenya' }).click();
  await expect(page).toHaveURL(`${house.http}/`);
  await expect(page.getByRole('banner')).toContainText(/Focal point .*(KEN|Kenya)/);
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'My response' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Service state' })).toHaveCount(0);

  await page.reload();
  await expect(page.getByRole('banner')).toContainText(/Focal point/);
  await page.getByRole('button', { name: /Focal point/ }).click();
  await leave(page);
  await expect(signIn).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'My response' })).toHaveCount(0);
  const { cookies } = await page.context().storageState();
  expect(cookies.filter((cookie) => cookie.value)).toEqual([]);
});

test('the session is a cookie that no script reads and no other site sends', async ({ page, signIn, context }) => {
  await signIn('focal-point-KEN');
  await page.goto('/');
  const cookie = (await context.cookies()).find((one) => one.name.includes('uncac-session'));
  expect(cookie).toMatchObject({ httpOnly: true, path: '/' });
  expect(['Strict', 'Lax']).toContain(cookie!.sameSite);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toMatch(/eyJ/);
});

test('what changes something needs the word that only this page knows', async ({ page, house, signIn }) => {
  await signIn('focal-point-KEN');
  const url = `${house.http}/import/responses?dry_run=1&audience=RESTRICTED`;
  const text = 'state,checklist,round,submitted_on,language,provision,compliance\n';
  const refused = await page.request.post(url, { data: text, headers: { 'content-type': 'text/csv' } });
  expect(refused.status()).toBe(403);
  const wrong = await page.request.post(url, { data: text, headers: { 'content-type': 'text/csv', 'uncac-csrf': '0'.repeat(32) } });
  expect(wrong.status()).toBe(403);
  const share = await page.request.post(`${house.http}/uncac.checklist.v1.ChecklistIntake/SetSharing`, {
    data: { state: 'KEN', provisions: ['uncac/9'], choice: { audience: 'AUDIENCE_PUBLIC' }, dryRun: true },
  });
  expect(share.status()).toBe(403);
  const { csrf } = (await (await page.request.get(`${house.http}/session`)).json()) as { csrf: string };
  expect(csrf).toMatch(/^[0-9a-f]{32}$/);
  const allowed = await page.request.post(url, { data: text, headers: { 'content-type': 'text/csv', 'uncac-csrf': csrf } });
  expect(allowed.status()).not.toBe(403);
  // Signing out is a change too.
  expect((await page.request.delete(`${house.http}/session`)).status()).toBe(403);
});

test('a page of another site gets nothing, though the cookie is there', async ({ page, house, signIn, watched, context }) => {
  watched.expectErrors(/CORS|Failed to load resource|request: |ERR_/);
  await signIn('secretariat');
  const other = await context.newPage();
  // The same machine by its other name is another site.
  const foreign = house.http.replace('127.0.0.1', 'localhost');
  await other.route(`${foreign}/elsewhere`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>elsewhere</title>' }));
  await other.goto(`${foreign}/elsewhere`);
  const got = await other.evaluate(async (target) => {
    try {
      const answer = await fetch(`${target}/uncac.needs.v1.NeedsMatrix/ListNeeds`, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      return `read ${answer.status}`;
    } catch {
      return 'nothing';
    }
  }, house.http);
  expect(got).toBe('nothing');
});

test('the page is held to its own origin by its headers', async ({ page, house }) => {
  const answer = await page.request.get(`${house.http}/`);
  const policy = answer.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/default-src '(none|self)'/);
  expect(policy).toMatch(/frame-ancestors 'none'/);
  expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
  expect(answer.headers()['x-content-type-options']).toBe('nosniff');
});

test('an answer kept by the State reaches nobody else’s browser, on any page', async ({ page, house, signIn, heard, watched }) => {
  test.slow();
  // An operator is refused every answer, of which the browser tells.
  watched.expectErrors(/403 \(Forbidden\)/);
  const secret = 'the act that Malta keeps to itself';
  await house.submit('MLT', [{ provision: 'uncac/23', type: 'OTHER', type_text: secret, measures: secret, audience: 'RESTRICTED' }]);
  const pages = ['/', '/?rows=state&columns=type&provision=uncac%2F23', '/since?state=MLT', '/country/MLT', '/country', '/response'];
  const walk = async () => {
    for (const path of pages) {
      await page.goto(path);
      await expect(page.getByRole('main')).toBeVisible();
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0, { timeout: 20_000 });
    }
  };
  for (const reader of ['', 'provider-EX1', 'provider-EX2', 'focal-point-ITA', 'operator']) {
    if (reader) await signIn(reader);
    await walk();
    expect(heard(secret), reader || 'the public').toBe(false);
    expect(heard('MLT:uncac/23:OTHER'), reader || 'the public').toBe(false);
  }
  // The same ears hear it where it may be heard.
  await signIn('focal-point-MLT');
  await page.goto('/country/MLT');
  await expect(page.getByRole('row', { name: /^23 .*Other/ }).first()).toBeVisible();
  await expect.poll(() => heard('MLT:uncac/23:OTHER')).toBe(true);
});

test('who signs out leaves nothing behind for the next one at the machine', async ({ page, house, signIn, browser }) => {
  await house.submit('FIN', [{ provision: 'uncac/25', type: 'ONSITE_EXPERT', audience: 'RESTRICTED' }]);
  await house.run('focal-point-FIN', 'share', 'set', '--state', 'FIN', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await signIn('focal-point-FIN');
  await page.goto('/country/FIN');
  await expect(page.getByRole('row', { name: /^25 .*On-site/ }).first()).toBeVisible();
  await page.getByRole('button', { name: /Focal point/ }).click();
  await leave(page);
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await page.goto('/country/FIN');
  await expect(page.getByText('No need in your view.')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('row', { name: /^25 .*On-site/ })).toHaveCount(0);
  const kept = await page.evaluate(async () => {
    const names = 'databases' in indexedDB ? (await indexedDB.databases()).length : 0;
    const caches_ = 'caches' in window ? (await caches.keys()).length : 0;
    return { names, caches_ };
  });
  expect(kept.names + kept.caches_).toBe(0);
  // Names of States, provisions and types are for everybody, and the same in a browser that nobody ever
  // signed in with; of what is not a name nothing is left.
  const texts = (of: Page) => of.evaluate(() => ({ ...localStorage, ...sessionStorage }) as Record<string, string>);
  const other = await (await browser.newContext({ locale: 'en-GB', baseURL: house.http })).newPage();
  for (const path of ['/', '/country/FIN']) {
    await other.goto(path);
    await expect(other.getByRole('table').first()).toBeVisible();
  }
  const left = Object.entries(await texts(page));
  const namesOf = (all: [string, string][]) =>
    all.filter(([key]) => key.startsWith('names/')).map(([key, text]) => [key, (JSON.parse(text) as { names: unknown }).names]);
  await expect.poll(async () => namesOf(Object.entries(await texts(other)))).toEqual(expect.arrayContaining(namesOf(left)));
  expect(JSON.stringify(left.filter(([key]) => !key.startsWith('names/')))).not.toMatch(/FIN|ONSITE_EXPERT|uncac\/25/);
  await other.context().close();
});

test('a session that ended is told, and what is on the page goes', async ({ page, house, signIn, context, watched }) => {
  watched.expectErrors(/40[13]|Failed to load resource/);
  await house.run('focal-point-NOR', 'share', 'set', '--state', 'NOR', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await house.submit('NOR', [{ provision: 'uncac/25', type: 'ONSITE_EXPERT', audience: 'RESTRICTED' }]);
  await signIn('focal-point-NOR');
  await page.goto('/country/NOR');
  await expect(page.getByRole('row', { name: /^25 .*On-site/ }).first()).toBeVisible();
  await context.clearCookies();
  await page.getByRole('link', { name: 'Needs', exact: true }).click();
  const told = page.getByRole('status').filter({ hasText: 'You are not signed in any more.' });
  await expect(told).toBeVisible();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByRole('banner')).not.toContainText('Focal point');
  await page.goBack();
  await expect(page.getByText('No need in your view.')).toBeVisible();
  await expect(page.getByRole('row', { name: /^25 .*On-site/ })).toHaveCount(0);
  await expectAccessible(page);
  await told.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Focal point Norway' }).click();
  await expect(page).toHaveURL(/\/country\/NOR$/);
  await expect(page.getByRole('row', { name: /^25 .*On-site/ }).first()).toBeVisible();
  await expect(told).toHaveCount(0);
});

test('what is refused to who is not signed in any more goes at once', async ({ page, house, signIn, context, watched }) => {
  watched.expectErrors(/401|Failed to load resource/);
  await house.submit('SWE', [{ provision: 'uncac/25', type: 'ONSITE_EXPERT', audience: 'RESTRICTED' }]);
  await signIn('focal-point-SWE');
  await page.goto('/country/SWE');
  const row = page.getByRole('row', { name: /^25 .*On-site/ });
  await expect(row.first()).toBeVisible();
  // As services answer to a token that has run out; a stream is then closed and refused as well.
  await context.clearCookies();
  const refuse = (route: Route) =>
    route.fulfill({ status: 401, contentType: 'application/json', body: JSON.stringify({ code: 'unauthenticated', message: 'the token has ended' }) });
  await page.route(askedOfServices, refuse);
  await page.route('**/events/needs**', refuse);
  await house.run('focal-point-SWE', 'share', 'set', '--state', 'SWE', '--provision', 'uncac/25', '--audience', 'PUBLIC');
  const pill = page.getByRole('button', { name: /new changes?/ });
  await pill.click();
  await expect(page.getByRole('status').filter({ hasText: 'You are not signed in any more.' })).toBeVisible();
  await expect(row).toHaveCount(0);
});
