// A focal point at work: what is answered and open, a file checked and mended, shared by choice, submitted,
// amended, withdrawn.
import type { Locator, Page } from '@playwright/test';
import { checklistFile, expect, expectAccessible, gridOf, cellOf, test, thisYear } from './house';

const choices = (page: Page): Locator => page.getByRole('group', { name: 'Who may see these answers?' });
const checklists = (page: Page): Locator => page.getByRole('table', { name: 'Checklists answered and open' });
const submit = (page: Page): Locator => page.getByRole('button', { name: new RegExp(`^Submit( version \\d+ for ${thisYear})?$`) });
const before = (page: Page): Locator => page.getByText('Before you can submit').locator('xpath=ancestor-or-self::*[.//li][1]');

/** A file chosen as people choose one. */
async function give(page: Page, path: string): Promise<void> {
  const button = page.getByRole('button', { name: /^Choose (a|another) file$/ });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button.click()]);
  await chooser.setFiles(path);
}

/** A file dropped on the place that asks for it. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file, body]) => {
      const data = new DataTransfer();
      data.items.add(new File([body!], file!, { type: 'text/csv' }));
      return data;
    },
    [name, text],
  );
  const place = page.getByText('Drop a checklist file here');
  for (const event of ['dragenter', 'dragover', 'drop']) await place.dispatchEvent(event, { dataTransfer: transfer });
}

const wrong = (state: string): string =>
  checklistFile(state, [
    { provision: '9', type: 'LEGAL_ADVICE' },
    { provision: 'uncac/46', type: 'LEGALADVICE', compliance: 'NO' },
    { provision: 'uncac/52', type: 'OTHER', compliance: 'MAYBE' },
    { provision: 'uncac/53', compliance: 'NO', challenges: '' },
  ]);

const good = (state: string): string =>
  checklistFile(state, [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', state_priority: 'HIGH' },
    { provision: 'uncac/46', type: 'MODEL_TREATY', compliance: 'NO' },
    { provision: 'uncac/52', compliance: 'YES', challenges: '' },
  ]);

const history = (state: string): string[] => [
  'response', 'history', '--state', state, '--checklist', 'uncac-2007', '--round', String(thisYear),
];

test('checklists answered and open are what is on record', async ({ page, house, signIn }) => {
  await signIn('focal-point-GHA');
  await page.goto('/response');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Responses of Ghana');
  const table = checklists(page);
  await expect(table.getByRole('row', { name: /uncac-comprehensive.*2015.*Submitted/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /uncac-2007.*2007.*Submitted/ })).toBeVisible();
  await expect(table.getByRole('row', { name: new RegExp(`${thisYear} Open: nothing submitted this year`) }).first()).toBeVisible();
  const told = JSON.parse(await house.run('focal-point-GHA', '--format', 'json', 'response', 'list', '--state', 'GHA')) as
    | { responses: unknown[] }
    | unknown[];
  const responses = Array.isArray(told) ? told : told.responses;
  await expect(table.getByRole('row', { name: /Submitted/ })).toHaveCount(responses.length);
});

test('a wrong file is refused row by row before anything is filed; the mended one goes through', async ({ page, house, signIn, watched }) => {
  test.slow();
  // The browser itself says in the console that the file was not accepted.
  watched.expectErrors(/400 \(Bad Request\)/);
  await signIn('focal-point-LBR');
  await page.goto('/response');
  await give(page, house.file('liberia.csv', wrong('LBR')));
  await expect(page.getByText(/errors to mend/).first()).toBeVisible();
  await expect(page.getByText('A dry run: nothing has been filed.').first()).toBeVisible();

  const problems = page.getByRole('table', { name: /^Problems/ });
  const rows = await gridOf(problems);
  const has = (row: number, column: string, rule: RegExp) =>
    expect(
      rows.some((line) => line[0] === String(row) && line[1]?.includes(column) && rule.test(line.join(' '))),
      `${row}: ${column}\n${rows.map((line) => line.join(' | ')).join('\n')}`,
    ).toBe(true);
  has(2, 'provision', /Error.*treaty/);
  has(3, 'type', /Error.*LEGALADVICE/);
  has(4, 'compliance', /Error.*MAYBE/);
  has(4, 'type_text', /Error.*OTHER/);
  has(5, 'challenges', /Warning/);
  // What stands in the file at that place.
  expect(rows.find((line) => line[0] === '3' && line[1]?.includes('type'))!.at(-1)).toContain('LEGALADVICE');
  // Errors first, then by row.
  const severities = rows.slice(1).map((line) => (/Error/.test(line[2]!) ? 0 : 1));
  expect(severities).toEqual([...severities].sort());
  const show = page.getByRole('radiogroup', { name: 'Which problems' });
  await show.getByRole('radio', { name: /\d+ warnings?/ }).check();
  await expect(problems.getByRole('row', { name: /Error/ })).toHaveCount(0);
  await expect(problems.getByRole('row', { name: /Warning/ }).first()).toBeVisible();
  await expectAccessible(page);

  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(before(page)).toContainText(/\d+ errors to mend in the file\./);
  await submit(page).click({ force: true });
  expect(await house.run('focal-point-LBR', 'response', 'list', '--state', 'LBR')).not.toContain(String(thisYear));

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Problems as CSV' }).or(page.getByRole('link', { name: 'Problems as CSV' })).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);

  await give(page, house.file('liberia.csv', good('LBR')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await expect(page.getByText('A dry run: nothing has been filed.').first()).toBeVisible();
  expect(await house.run('focal-point-LBR', 'response', 'list', '--state', 'LBR')).not.toContain(String(thisYear));
});

test('sharing is a choice: none is preselected, and without one nothing is submitted', async ({ page, house, signIn }) => {
  await house.run('focal-point-MOZ', 'share', 'set', '--state', 'MOZ', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await signIn('focal-point-MOZ');
  await page.goto('/response');
  await drop(page, 'mozambique.csv', good('MOZ'));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  const radios = choices(page).getByRole('radio');
  for (const name of ['Restricted', 'Named providers', 'All providers', 'Public']) {
    await expect(choices(page).getByRole('radio', { name: new RegExp(`^${name}`) })).toBeVisible();
  }
  expect(await radios.evaluateAll((all) => all.filter((one) => (one as HTMLInputElement).checked).length)).toBe(0);
  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(before(page)).toContainText('Choose who may see these answers.');
  await submit(page).click({ force: true });
  expect(await house.run('focal-point-MOZ', 'response', 'list', '--state', 'MOZ')).not.toContain(String(thisYear));

  await choices(page).getByRole('radio', { name: /^All providers/ }).check();
  await expect(submit(page)).toHaveText(`Submit version 1 for ${thisYear}`);
  await expect(submit(page)).not.toHaveAttribute('aria-disabled', 'true');
  await submit(page).click();
  await expect(page.getByText(`uncac-2007 ${thisYear}: version 1 is submitted`)).toBeVisible();

  expect(await house.run('focal-point-MOZ', ...history('MOZ'))).toMatch(/1\s+submitted/);
  const seen = await house.run('provider-EX2', 'needs', 'list', '--where', 'state=MOZ', '--where', `round=${thisYear}`);
  expect(seen).toContain('MOZ:uncac/9:LEGAL_ADVICE');
  expect(await house.run('', 'needs', 'list', '--where', 'state=MOZ')).toContain('0 needs');
  await expect(
    checklists(page).getByRole('row', { name: new RegExp(`uncac-2007.*${thisYear}.*Submitted`) }),
  ).toBeVisible();
});

test('before it is submitted the page says what it would change', async ({ page, house, signIn }) => {
  await signIn('focal-point-SOM');
  await page.goto('/response');
  await give(page, house.file('somalia.csv', good('SOM')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'What this would change' })).toBeVisible();
  for (const said of ['Needs standing now', 'No longer stated', 'Stated anew', 'Needs standing then']) {
    await expect(page.getByText(said, { exact: true })).toBeVisible();
  }
});

test('pressing twice submits once', async ({ page, house, signIn }) => {
  await signIn('focal-point-MRT');
  await page.goto('/response');
  await give(page, house.file('mauritania.csv', good('MRT')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await choices(page).getByRole('radio', { name: /^Public/ }).check();
  await submit(page).dblclick();
  await expect(page.getByText(`uncac-2007 ${thisYear}: version 1 is submitted`)).toBeVisible();
  const told = await house.run('focal-point-MRT', ...history('MRT'));
  expect(told).not.toMatch(/amended/);
  expect(told.match(/submitted/g)).toHaveLength(1);
});

test('an exception for a provision is another choice for it alone', async ({ page, house, signIn }) => {
  await house.run('focal-point-NER', 'share', 'set', '--state', 'NER', '--provision', 'uncac', '--audience', 'RESTRICTED');
  await signIn('focal-point-NER');
  await page.goto('/response');
  await give(page, house.file('niger.csv', good('NER')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await choices(page).getByRole('radio', { name: /^Public/ }).check();
  await page.getByText('Exceptions for provisions').click();
  // The file is still there.
  await expect(page.getByText('niger.csv')).toBeVisible();
  await page.getByRole('combobox', { name: 'Provision' }).selectOption({ label: '46 Mutual legal assistance' });
  // None is preselected here either.
  await expect(before(page)).toContainText('Choose who may see each exception.');
  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);
  await page.getByRole('group', { name: /\b46\b/ }).getByRole('radio', { name: /^Restricted/ }).check();
  await submit(page).click();
  await expect(page.getByText(`uncac-2007 ${thisYear}: version 1 is submitted`)).toBeVisible();
  const open = await house.run('', 'needs', 'list', '--where', 'state=NER');
  expect(open).toContain('NER:uncac/9:LEGAL_ADVICE');
  expect(open).not.toContain('uncac/46');
});

test('a version is read, amended and withdrawn, and stays on record', async ({ page, house, signIn }) => {
  await house.submit('MLI', [
    { provision: 'uncac/9', type: 'LEGAL_ADVICE', measures: 'an act of the first version', audience: 'PUBLIC' },
  ]);
  await signIn('focal-point-MLI');
  await page.goto('/response');
  const table = checklists(page);
  const row = table.getByRole('row', { name: new RegExp(`^uncac-2007 ${thisYear}`) });
  await expect(row).toContainText(/Version 1/);
  await row.getByRole('button', { name: /^Read/ }).or(row.getByRole('link', { name: /^Read/ })).click();
  await expect(page.getByText('an act of the first version')).toBeVisible();
  const dialog = page.getByRole('dialog');
  if (await dialog.isVisible()) await page.keyboard.press('Escape');

  await row.getByRole('button', { name: /^Amend/ }).or(row.getByRole('link', { name: /^Amend/ })).click();
  await expect(page.getByText(`Amending uncac-2007 ${thisYear}`)).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Newest version as CSV' }).or(page.getByRole('link', { name: 'Newest version as CSV' })).first().click(),
  ]);
  const path = await download.path();
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('MLI,uncac-2007');

  // The same file again would change nothing, and the page says so.
  await give(page, house.file('mali.csv', text));
  await expect(page.getByText(/The file equals the newest version|equal to version 1/).first()).toBeVisible();
  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');

  await give(page, house.file('mali.csv', text.replace('first version', 'second version').replace('LEGAL_ADVICE', 'ACTION_PLAN')));
  await expect(page.getByText(/would be amended, version 2/)).toBeVisible();
  const as = choices(page).getByRole('radio', { name: /^(As decided before|Public)/ }).first();
  await as.check();
  await submit(page).click();
  await expect(page.getByText(`uncac-2007 ${thisYear}: amended, version 2`)).toBeVisible();
  await expect(row).toContainText(/Version 2/);
  await page.getByRole('complementary', { name: 'Versions' }).getByRole('button', { name: 'Read version 1' }).click();
  await expect(page.getByText('an act of the first version')).toBeVisible();
  if (await dialog.isVisible()) await page.keyboard.press('Escape');

  await row.getByRole('button', { name: /^Withdraw/ }).click();
  const asking = dialog.or(page.getByRole('region', { name: /^Withdraw/ })).first();
  await expect(asking).toContainText('version 2 no longer counts in any question');
  const yes = asking.getByRole('button', { name: /^Withdraw/ });
  await expect(yes).toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);
  await asking.getByLabel(/Reason/).fill('an exercise');
  await yes.click();
  await expect(page.getByText(`uncac-2007 ${thisYear} is withdrawn.`)).toBeVisible();
  await expect(row).toContainText(/Withdrawn/);
  const told = await house.run('focal-point-MLI', ...history('MLI'));
  expect(told).toMatch(/1\s+submitted/);
  expect(told).toMatch(/2\s+amended/);
  expect(told).toMatch(/2\s+withdrawn.*an exercise/);
  expect(await house.run('', 'needs', 'list', '--where', 'state=MLI', '--where', `round=${thisYear}`)).toContain('0 needs');
});

test('a file for another State is not even offered to be submitted', async ({ page, house, signIn, watched }) => {
  watched.expectErrors(/40[03] /);
  await signIn('focal-point-LBY');
  await page.goto('/response');
  await give(page, house.file('other.csv', good('TUN')));
  await expect(page.getByRole('table', { name: /^Problems/ }).getByRole('row', { name: /state Error .*TUN/ }).first()).toBeVisible();
  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');
  expect(await house.run('secretariat', 'response', 'list', '--state', 'TUN')).not.toContain(String(thisYear));
});

test('what is no checklist at all is told as that', async ({ page, house, signIn, watched }) => {
  watched.expectErrors(/400 \(Bad Request\)/);
  await signIn('focal-point-DJI');
  await page.goto('/response');
  await give(page, house.file('empty.csv', ''));
  await expect(page.getByText(/error to mend|errors to mend|does not accept|empty/i).first()).toBeVisible();
  await give(page, house.file('letter.csv', 'Dear Sir,\nplease find attached nothing.\n'));
  await expect(page.getByText(/error to mend|errors to mend/).first()).toBeVisible();
  await expect(submit(page)).toHaveAttribute('aria-disabled', 'true');
  await give(page, house.file('djibouti.csv', good('DJI')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
});

test('a submission that does not arrive is told, nothing is lost, and it can be sent again', async ({ page, house, signIn, watched }) => {
  watched.expectErrors(/Failed to load resource|ERR_/);
  await signIn('focal-point-GAB');
  await page.goto('/response');
  await give(page, house.file('gabon.csv', good('GAB')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await choices(page).getByRole('radio', { name: /^Restricted/ }).check();
  const imports = (url: URL) => url.pathname === '/import/responses' && url.searchParams.get('dry_run') !== '1';
  await page.route(imports, (route) => route.abort('connectionrefused'));
  await submit(page).click();
  await expect(page.getByText('The service cannot be reached.').first()).toBeVisible();
  await expect(choices(page).getByRole('radio', { name: /^Restricted/ })).toBeChecked();
  await page.unroute(imports);
  await submit(page).or(page.getByRole('button', { name: 'Try again' })).first().click();
  await expect(page.getByText(`uncac-2007 ${thisYear}: version 1 is submitted`)).toBeVisible();
  expect((await house.run('focal-point-GAB', ...history('GAB'))).match(/submitted/g)).toHaveLength(1);
});

test('what somebody else files for the State shows on the open page', async ({ page, house, signIn }) => {
  await signIn('focal-point-AGO');
  await page.goto('/response');
  const table = checklists(page);
  const row = table.getByRole('row', { name: new RegExp(`^uncac-2007 ${thisYear}`) });
  await expect(table.getByRole('row', { name: /Submitted/ }).first()).toBeVisible();
  await house.submit('AGO', [{ provision: 'uncac/9', type: 'LEGAL_ADVICE', audience: 'RESTRICTED' }]);
  await expect(async () => {
    const pill = page.getByRole('button', { name: /new changes?/ });
    if (await pill.isVisible()) await pill.click();
    await expect(row).toContainText('Version 1', { timeout: 500 });
  }).toPass({ timeout: 4_000 });
});

test('the page is for focal points, and others are told where to go', async ({ page, signIn, heard }) => {
  for (const reader of ['provider-EX1', 'operator']) {
    await signIn(reader);
    await page.goto('/response');
    await expect(page.getByText('This page belongs to focal points.')).toBeVisible();
    await expect(page.getByText('Drop a checklist file here')).toHaveCount(0);
  }
  expect(heard('[exercise] act')).toBe(false);
});

test('by keyboard alone: choose the file, choose the audience, submit', async ({ page, house, signIn }) => {
  await signIn('focal-point-COG');
  await page.goto('/response');
  await expect(page.getByText('Drop a checklist file here')).toBeVisible();
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (element === document.body) return ''; // nothing has the focus
      const label = (element as HTMLInputElement | null)?.labels?.[0]?.innerText ?? '';
      return `${element?.tagName} ${element?.getAttribute('aria-label') ?? ''} ${element?.innerText ?? ''} ${label} ${(element as HTMLInputElement)?.type ?? ''}`;
    });
  const tabTo = async (what: RegExp) => {
    for (let presses = 0; presses < 80; presses += 1) {
      if (what.test(await focused())) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key does not come to ${what}`);
  };
  await tabTo(/Choose a file/);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(house.file('congo.csv', good('COG')));
  await expect(page.getByText(/No errors/).first()).toBeVisible();
  await tabTo(/radio$/);
  while (!/Restricted/.test(await focused())) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(choices(page).getByRole('radio', { name: /^Restricted/ })).toBeChecked();
  await tabTo(new RegExp(`Submit version 1 for ${thisYear}`));
  // What the choice would do is being asked, and what is not known yet cannot be submitted.
  await expect(submit(page)).toBeEnabled();
  await page.keyboard.press('Enter');
  await expect(page.getByText(`uncac-2007 ${thisYear}: version 1 is submitted`)).toBeVisible();
});

test('reading a version shows each answer whole', async ({ page, house, signIn }) => {
  await house.submit('CMR', [
    { provision: 'uncac/9', compliance: 'IN_PART', measures: 'a law of 2004', type: 'LEGAL_ADVICE', state_priority: 'HIGH', received_from: 'EX1', received_type: 'GOOD_PRACTICES', would_extend: 'YES', audience: 'PUBLIC' },
    { provision: 'uncac/46', compliance: 'YES', challenges: '', type: 'NO_ASSISTANCE_REQUIRED', audience: 'PUBLIC' },
  ]);
  await signIn('focal-point-CMR');
  await page.goto('/response');
  const table = checklists(page);
  const row = table.getByRole('row', { name: new RegExp(`^uncac-2007 ${thisYear}`) });
  expect(cellOf(await gridOf(table), /^uncac-2007$/, /^Round$/)).toMatch(/^20\d\d$/);
  await row.getByRole('button', { name: /^Read/ }).or(row.getByRole('link', { name: /^Read/ })).click();
  const text = page.getByRole('dialog').or(page.getByRole('region', { name: /uncac-2007/ })).or(page.getByRole('main')).first();
  for (const said of ['Yes, in part', 'a law of 2004', 'Legal advice', 'EX1', 'No assistance required']) {
    await expect(text).toContainText(said);
  }
});
