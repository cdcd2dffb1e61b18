// Signing in at a real identity provider, as a person does it in the browser, and the ways in which that goes wrong.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { expect, expectAccessible, programs, test as base } from './house';
import { consent, enter, Gateway, IdentityProvider, newKey, refuse } from './provider';

const test = base.extend<{ gatewayWith: (options?: { secret?: string }) => Promise<Gateway> }, { provider: IdentityProvider }>({
  provider: [
    async ({}, use) => {
      const provider = await IdentityProvider.start();
      await use(provider);
      await provider.close();
    },
    { scope: 'worker' },
  ],
  signInBy: [async ({ provider }, use) => use(provider.options()), { scope: 'worker' }],
  gatewayWith: async ({ house, provider }, use) => {
    const all: Gateway[] = [];
    await use(async (options) => {
      all.push(await Gateway.start(house, provider, options));
      return all.at(-1)!;
    });
    // Whether the test ended as it should or not.
    for (const gateway of all) expect(await gateway.stop(), gateway.log).toBe(0);
  },
});

test.beforeEach(({ house, provider, watched }) => {
  // Its pages are another site's, and have no icon.
  watched.expectErrors(new RegExp(`request: ${provider.issuer}/|Failed to load resource.* 404`));
  provider.serve(house.http);
});
test.afterEach(({ provider }) => {
  provider.away = false;
  provider.spoil = provider.spoilKey = undefined;
});

const signInLink = (page: Page) => page.getByRole('banner').getByRole('link', { name: 'Sign in' });
const session = async (page: Page, url: string) =>
  (await (await page.request.get(`${url}/session`)).json()) as { signed_in: boolean; role: string; csrf: string; ends: string; sign_in: string };

async function signInAs(page: Page, provider: IdentityProvider, url: string, person: string): Promise<void> {
  await page.goto(`${url}/sign-in?back=/words`);
  await enter(page, provider, person);
  await consent(page);
}

/** Up to the way back, which the provider keeps: the address that would end it. */
async function callbackFor(page: Page, provider: IdentityProvider, url: string, person = 'wanjiru'): Promise<string> {
  // The provider would remember him, and ask nothing.
  await page.context().clearCookies();
  return provider.hold(() => signInAs(page, provider, url, person));
}

/** The page says it, with the dashboard around it, and offers to try again; nobody is signed in. */
async function expectRefused(page: Page, url: string, title: string): Promise<void> {
  await expect(page.getByRole('alert').or(page.getByRole('status')).filter({ hasText: title })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`^${url}/enter\\?refused=[a-z-]+&back=`));
  expect((await session(page, url)).signed_in).toBe(false);
  const kept = (await page.context().cookies(url)).filter(({ name }) => name.includes('uncac'));
  expect(kept, 'an attempt that failed is over').toEqual([]);
}

test('a person signs in at the provider, acts by his role, and leaves', async ({ page, house, provider }) => {
  test.slow();
  await house.run('focal-point-KEN', 'share', 'set', '--state', 'KEN', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await house.submit('KEN', [{ provision: 'uncac/25', type: 'ONSITE_EXPERT', audience: 'RESTRICTED' }]);
  const own = page.getByRole('row', { name: /^25 .*On-site/ });
  await page.goto('/country/KEN');
  await expect(page.getByText('No need in your view.')).toBeVisible();

  await signInLink(page).click();
  await enter(page, provider, 'wanjiru');
  await consent(page);
  await expect(page, 'where he was').toHaveURL(`${house.http}/country/KEN`);
  await expect(page.getByRole('banner')).toContainText(/Focal point .*(KEN|Kenya)/);
  await expect(page.getByRole('banner')).not.toContainText('Exercise set-up');
  await expect(own.first()).toBeVisible();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await expect(pages.getByRole('link', { name: 'My response' })).toBeVisible();
  await expect(pages.getByRole('link', { name: 'Service state' })).toHaveCount(0);

  // What he may do is his role's, and by the page's word alone.
  const { csrf, ends } = await session(page, house.http);
  const hours = (Date.parse(ends) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(7);
  expect(hours).toBeLessThanOrEqual(8);
  const share = async (state: string, word: string) => {
    const answer = await page.request.post(`${house.http}/uncac.checklist.v1.ChecklistIntake/SetSharing`, {
      data: { state, provisions: ['uncac/9'], choice: { audience: 'AUDIENCE_PUBLIC' }, dryRun: true },
      headers: word ? { 'uncac-csrf': word } : {},
    });
    return answer.status();
  };
  expect(await share('KEN', csrf)).toBe(200);
  expect(await share('UGA', csrf)).toBe(403);
  expect(await share('KEN', '')).toBe(403);
  expect(await share('KEN', '0'.repeat(32))).toBe(403);

  // The browser keeps the ways in no address and nowhere a script reads.
  const chrome = await page.context().newCDPSession(page);
  const { entries } = (await chrome.send('Page.getNavigationHistory')) as { entries: { url: string }[] };
  expect(entries.map(({ url }) => url).filter((url) => /[?&](code|state)=|callback/.test(url))).toEqual([]);
  expect(entries.at(-1)!.url).toBe(`${house.http}/country/KEN`);
  const readable = await page.evaluate(() => JSON.stringify([document.cookie, document.referrer, location.href, { ...localStorage }, { ...sessionStorage }]));
  for (const secret of [...provider.secrets, 'eyJ']) expect(readable).not.toContain(secret);

  await page.reload();
  await page.getByRole('button', { name: /Focal point/ }).click();
  await expect(page.getByText('Sign in as somebody else')).toHaveCount(0);
  await page.getByText('Sign out', { exact: true }).click();
  await expect(signInLink(page)).toBeVisible();
  await expect(own).toHaveCount(0);
  await page.goto('/country/KEN');
  await expect(page.getByText('No need in your view.')).toBeVisible();
  expect((await page.context().cookies(house.http)).filter(({ name }) => name.includes('uncac'))).toEqual([]);
});

test('each role is what the provider says', async ({ page, house, provider }) => {
  test.slow();
  for (const [person, role, shown] of [
    ['atieno', 'contributor', /Contributor .*(KEN|Kenya)/],
    ['donor', 'provider', /Provider EX1/],
    ['desk', 'secretariat', /Secretariat/],
    ['reviewer', 'auditor', /Auditor/],
    ['engine', 'operator', /Operator/],
  ] as const) {
    await signInAs(page, provider, house.http, person);
    await expect(page.getByRole('banner')).toContainText(shown);
    expect(await session(page, house.http)).toMatchObject({ signed_in: true, role, sign_in: 'provider' });
    // The services believe the token behind it.
    const listed = await page.request.post(`${house.http}/uncac.checklist.v1.ChecklistIntake/ListResponses`, {
      data: { state: 'KEN' }, headers: { 'uncac-csrf': (await session(page, house.http)).csrf },
    });
    expect(listed.status(), role).toBe(role === 'provider' || role === 'operator' ? 403 : 200);
    await page.context().clearCookies();
  }
});

test('who refuses at the provider stays the public, and may think again', async ({ page, house, provider }) => {
  await page.goto('/since');
  await signInLink(page).click();
  await page.waitForURL(`${provider.issuer}/interaction/*`);
  await refuse(page);
  await expectRefused(page, house.http, 'You are not signed in.');
  await expectAccessible(page);
  // At the second question of the provider as well.
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await enter(page, provider, 'wanjiru');
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
  await refuse(page);
  await expectRefused(page, house.http, 'You are not signed in.');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await consent(page);
  await expect(page).toHaveURL(`${house.http}/since`);
  await expect(page.getByRole('banner')).toContainText('Focal point');
});

test('whom the provider knows without a whole role does not come in', async ({ page, house, provider }) => {
  test.slow();
  for (const person of ['visitor', 'minister', 'nowhere', 'elsewhere', 'both']) {
    await test.step(person, async () => {
      await signInAs(page, provider, house.http, person);
      await expectRefused(page, house.http, 'You have no role here.');
      await page.context().clearCookies();
    });
  }
});

test('a callback ends one attempt of one browser, once', async ({ page, browser, house, provider }) => {
  test.slow();
  const elsewhere = async (): Promise<[BrowserContext, Page]> => {
    const context = await browser.newContext({ locale: 'en-GB' });
    return [context, await context.newPage()];
  };
  const begun = 'This sign-in was not begun here.';
  // With another state.
  const first = new URL(await callbackFor(page, provider, house.http));
  first.searchParams.set('state', 'guessed');
  await page.goto(first.href);
  await expectRefused(page, house.http, begun);

  // Sent to somebody else, who would then work as the attacker: with nothing under way, and with an attempt of his own.
  const attackers = await callbackFor(page, provider, house.http);
  const [context, victim] = await elsewhere();
  await victim.goto(attackers);
  await expectRefused(victim, house.http, begun);
  await callbackFor(victim, provider, house.http, 'donor');
  await victim.goto(attackers);
  await expectRefused(victim, house.http, begun);
  // His own state with the attacker's code: that one is bound to the attacker's verifier.
  const mixed = new URL(await provider.hold(() => victim.goto(`${house.http}/sign-in`).then(() => undefined)));
  mixed.searchParams.set('code', new URL(attackers).searchParams.get('code')!);
  await victim.goto(mixed.href);
  await expectRefused(victim, house.http, 'Signing in did not succeed.');
  await context.close();

  // Used, it is used up: without the cookie of the attempt, and even with it.
  const [other, again] = await elsewhere();
  const used = await callbackFor(again, provider, house.http);
  const attempt = (await other.cookies(house.http)).filter(({ name }) => name.includes('uncac-sign-in'));
  expect(attempt).toHaveLength(1);
  await again.goto(used);
  await expect(again).toHaveURL(`${house.http}/words`);
  expect(await session(again, house.http)).toMatchObject({ signed_in: true, role: 'focal_point' });
  await other.clearCookies();
  await again.goto(used);
  await expectRefused(again, house.http, begun);
  await other.addCookies(attempt);
  await again.goto(used);
  await expectRefused(again, house.http, 'Signing in did not succeed.');
  await other.close();
});

test('an ID token that is not whole is not believed', async ({ page, house, provider }) => {
  test.slow();
  const now = Math.floor(Date.now() / 1000);
  const bad: [string, IdentityProvider['spoil']][] = [
    ['expired', (claims) => Object.assign(claims, { iat: now - 700, exp: now - 100 })],
    ['issued tomorrow', (claims) => Object.assign(claims, { iat: now + 86_400, exp: now + 90_000 })],
    ['for another client', (claims) => Object.assign(claims, { aud: 'another' })],
    ['for several, given to another', (claims) => Object.assign(claims, { aud: ['dashboard', 'another'], azp: 'another' })],
    ['of another issuer', (claims) => Object.assign(claims, { iss: 'http://localhost' })],
    ['for another attempt', (claims) => Object.assign(claims, { nonce: 'another' })],
    ['for no attempt', (claims) => delete claims['nonce']],
    ['of nobody', (claims) => delete claims['sub']],
    ['not signed', (_, header) => Object.assign(header, { alg: 'none' })],
    ['of a key that the provider does not have', (_, header) => Object.assign(header, { kid: 'another' })],
  ];
  // The same way with nothing spoilt is a way in; from then on the provider remembers him, and asks nothing.
  const signIn = () => page.goto('/sign-in?back=/words');
  const expectDisbelief = () => expectRefused(page, house.http, 'Signing in did not succeed.');
  provider.spoil = () => undefined;
  await signInAs(page, provider, house.http, 'wanjiru');
  await expect(page).toHaveURL(`${house.http}/words`);
  await page.context().clearCookies({ name: /uncac/ });
  for (const [what, spoil] of bad) {
    await test.step(what, async () => {
      provider.spoil = spoil;
      await signIn();
      await expectDisbelief();
    });
  }
  provider.spoil = () => undefined;
  provider.spoilKey = newKey();
  await signIn();
  await expectDisbelief();
  provider.spoilKey = undefined;
  await signIn();
  await expect(page).toHaveURL(`${house.http}/words`);
});

test('a provider that goes away in between is told, and signing in goes on when it is back', async ({ page, house, provider }) => {
  const back = await callbackFor(page, provider, house.http);
  provider.away = true;
  await page.goto(back);
  await expectRefused(page, house.http, 'The identity provider does not answer.');
  await expectAccessible(page);
  provider.away = false;
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${house.http}/words`);
  await expect(page.getByRole('banner')).toContainText('Focal point');
});

test('no page of another address is where a sign-in ends', async ({ page, house, provider }) => {
  for (const back of ['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`/sign-in?back=${encodeURIComponent(back)}`);
    if (page.url().startsWith(provider.issuer)) {
      await enter(page, provider, 'wanjiru');
      await consent(page);
    }
    await expect(page).toHaveURL(`${house.http}/`);
  }
  // Nor do words that somebody puts into the address stand on the page.
  await page.request.delete(`${house.http}/session`, { headers: { 'uncac-csrf': (await session(page, house.http)).csrf } });
  await page.goto('/enter?refused=Your+account+is+blocked&back=https://evil.example/');
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/sign-in?back=%2F');
  await expect(page.getByRole('main')).not.toContainText('blocked');
});

test.describe('behind TLS', () => {
  test.use({ ignoreHTTPSErrors: true });

  test('the cookie is for this host and for https alone', async ({ page, context, provider, watched, gatewayWith }) => {
    const gateway = await gatewayWith();
    watched.expectErrors(new RegExp(`request: ${gateway.url}/`));
    await page.goto(`${gateway.url}/sign-in?back=/country/KEN`);
    const of = async (name: string) => (await context.cookies()).find((cookie) => cookie.name === name);
    const flags = { httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: '127.0.0.1' };
    const attempt = await of('__Host-uncac-sign-in');
    expect(attempt).toMatchObject(flags);
    expect(attempt!.expires - Date.now() / 1000).toBeLessThanOrEqual(600);
    await enter(page, provider, 'wanjiru');
    await consent(page);
    await expect(page).toHaveURL(`${gateway.url}/country/KEN`);
    await expect(page.getByRole('banner')).toContainText(/Focal point .*(KEN|Kenya)/);
    expect(await of('__Host-uncac-session')).toMatchObject(flags);
    expect(await of('__Host-uncac-sign-in')).toBeUndefined();
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.getByRole('button', { name: /Focal point/ }).click();
    await page.getByText('Sign out', { exact: true }).click();
    await expect(signInLink(page)).toBeVisible();
    expect(await of('__Host-uncac-session')).toBeUndefined();
    await page.goto('about:blank');
    expect(await gateway.stop()).toBe(0);
    for (const secret of provider.secrets) expect(gateway.log).not.toContain(secret);
  });

  test('a provider that is away from the beginning is told, and asked again', async ({ page, provider, watched, gatewayWith }) => {
    const gateway = await gatewayWith();
    watched.expectErrors(new RegExp(`request: ${gateway.url}/`));
    provider.away = true;
    await page.goto(`${gateway.url}/words`);
    await signInLink(page).click();
    await expectRefused(page, gateway.url, 'The identity provider does not answer.');
    provider.away = false;
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await enter(page, provider, 'desk');
    await consent(page);
    await expect(page).toHaveURL(`${gateway.url}/words`);
    await expect(page.getByRole('banner')).toContainText('Secretariat');
  });

  test('a gateway with another secret than the provider’s lets nobody in, and its log says why', async ({ page, provider, watched, gatewayWith }) => {
    const gateway = await gatewayWith({ secret: 'not what they share' });
    watched.expectErrors(new RegExp(`request: ${gateway.url}/`));
    await signInAs(page, provider, gateway.url, 'wanjiru');
    await expectRefused(page, gateway.url, 'Signing in did not succeed.');
    await page.goto('about:blank');
    expect(await gateway.stop()).toBe(0);
    expect(gateway.log).toContain("does not take this gateway's id and secret");
    for (const secret of provider.secrets) expect(gateway.log).not.toContain(secret);
  });
});

test('whoever comes chooses, or a provider asks: a program that is told both does not start', async ({ house, provider }) => {
  const common = ['--exercise-identities', house.tokens, '--public-url', house.http, '--token-signing-key', house.signing_key, ...provider.options()];
  const ends = (program: string, ...own: string[]) =>
    new Promise<[number | string | null | undefined, string]>((resolve) => {
      execFile(join(programs(), program), ['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0', '--health-listen', '127.0.0.1:0', ...own, ...common], (error, _, told) =>
        resolve([error?.code, told]),
      );
    });
  const why = '--exercise-identities lets anybody be anybody: not beside --oidc-issuer';
  const [code, told] = await ends('uncac-gateway', '--checklist-intake', house.grpc, '--needs-matrix', house.grpc);
  expect(told).toContain(why);
  expect(code).toBe(1);
  const verify = house.signing_key.replace('signing', 'verify');
  const [suites, suite] = await ends('uncac-suite', '--data', provider.file('none', '').replace(/none$/, 'data'), '--token-verify-key', verify);
  expect(suite).toContain(why);
  expect(suites).toBe(1);
});

test('nothing that signs anybody in stands in a log', async ({ page, house, provider }) => {
  await signInAs(page, provider, house.http, 'wanjiru');
  await expect(page).toHaveURL(`${house.http}/words`);
  const cookies = (await page.context().cookies(house.http)).filter(({ name }) => name.includes('uncac'));
  expect(cookies).toHaveLength(1);
  await page.context().clearCookies();
  await signInAs(page, provider, house.http, 'visitor');
  await expectRefused(page, house.http, 'You have no role here.');
  // The log tells of both, the second with its reason.
  const log = readFileSync(house.log, 'utf8');
  expect(log).toContain('/sign-in/callback');
  expect(log).toContain('you are known, but have no role here');
  // Of each way the code, the state, two tokens and the verifier; the secret; and what the browser holds.
  expect(provider.secrets.size).toBeGreaterThanOrEqual(11);
  for (const secret of [...provider.secrets, ...cookies.map(({ value }) => value), 'eyJ']) expect(log).not.toContain(secret);
});
