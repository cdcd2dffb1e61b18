// One request per view: on a slow line it is their number that costs. Beside it go the session, the feed,
// and at a first visit the names of what stands in the answer, which are the same for everybody.
import type { Locator, Page, Request } from '@playwright/test';
import { askedOfServices, expect, test } from './house';

interface View {
  name: string;
  reader: string;
  path: string;
  most: { first: number; later: number };
  /** What is there once everything of the view has come. */
  whole: (page: Page) => Locator[];
}

const views: View[] = [
  {
    name: 'since your last visit',
    reader: 'provider-EX2',
    path: '/since',
    // Where the feed stands; from then on the browser knows.
    most: { first: 1, later: 0 },
    whole: (page) => [page.getByRole('heading', { name: /^(This is your first visit|Nothing has changed)/ })],
  },
  {
    name: 'all that one State states, since the beginning',
    reader: 'provider-EX1',
    path: '/since?where=state:KEN&since=start',
    most: { first: 0, later: 0 }, // all of it is the feed
    whole: (page) => [page.getByText('That is everything that stands now.')],
  },
  {
    name: 'needs by article and group',
    reader: 'provider-EX1',
    path: '/',
    most: { first: 1, later: 1 },
    whole: (page) => [page.getByRole('table').getByRole('img').first(), page.locator('.track .round').first()],
  },
  {
    name: 'country',
    reader: 'provider-EX1',
    path: '/country/KEN',
    most: { first: 1, later: 1 },
    whole: (page) => [page.getByRole('table', { name: /Every need/ }).getByRole('row').nth(1), page.locator('.crumbs').getByText(/African/)],
  },
  {
    name: 'country, its own',
    reader: 'focal-point-KEN',
    path: '/country/KEN',
    most: { first: 1, later: 1 },
    whole: (page) => [page.getByRole('table', { name: /Every need/ }).getByRole('row').nth(1), page.getByRole('button', { name: /^Change/ }).first()],
  },
  {
    name: 'my response',
    reader: 'focal-point-KEN',
    path: '/response',
    most: { first: 1, later: 1 },
    whole: (page) => [page.getByRole('button', { name: /^Read/ }).first(), page.getByRole('complementary', { name: 'Versions' }).getByRole('listitem').first()],
  },
  {
    name: 'service state',
    reader: 'operator',
    path: '/service',
    most: { first: 1, later: 1 },
    whole: (page) => [page.getByRole('heading', { name: 'Dead letters' })],
  },
];

/** What the page asks of the services as this reader, and as nobody. */
async function asked(page: Page, act: () => Promise<void>): Promise<{ own: number; names: number }> {
  const requests: Request[] = [];
  const keep = (request: Request) => {
    if (askedOfServices.test(request.url())) requests.push(request);
  };
  page.on('request', keep);
  await act();
  page.off('request', keep);
  // Names are asked for as nobody: without the cookie.
  const owns = await Promise.all(requests.map(async (request) => 'cookie' in (await request.allHeaders())));
  return { own: owns.filter(Boolean).length, names: owns.filter((own) => !own).length };
}

async function come(page: Page, things: readonly Locator[]): Promise<void> {
  for (const thing of things) await expect(thing).toBeVisible();
  await expect(page.locator('[aria-busy=true], .skeleton')).toHaveCount(0);
}

for (const { name, reader, path, most, whole } of views) {
  test(`one request: ${name}`, async ({ page, signIn }) => {
    await signIn(reader);
    const visit = async () => {
      await page.goto(path);
      await come(page, whole(page));
    };
    const first = await asked(page, visit);
    const later = await asked(page, visit);
    console.log(`${name}: first visit ${first.own} and ${first.names} for names, later ${later.own} and ${later.names}`);
    expect.soft(first.own, 'the first visit').toBe(most.first);
    expect.soft(later, 'a later one').toEqual({ own: most.later, names: 0 });
  });
}

test('one request: the pictures below the table, when a reader comes near', async ({ page, signIn }) => {
  await signIn('provider-EX1');
  await page.goto('/');
  await come(page, [page.getByRole('table').getByRole('img').first()]);
  const near = await asked(page, async () => {
    await page.getByRole('contentinfo').scrollIntoViewIfNeeded();
    await come(page, [page.getByRole('heading', { name: 'States by regional group' }), page.getByRole('link', { name: /Kenya/ }).first()]);
  });
  expect(near.own).toBe(1);
});
