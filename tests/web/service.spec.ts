// The operators' page: is it ready, what waits, and what can be done about it. It shows no answers.
import type { Page } from '@playwright/test';
import { askedOfServices, expect, expectAccessible, test } from './house';

test('the operator reads in one sentence whether it runs and what waits', async ({ page, signIn }) => {
  await signIn('operator');
  await page.goto('/service');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/The service is ready; no dead letter waits\./);
  const table = page.getByRole('table', { name: 'Services' });
  await expect(table.getByRole('row', { name: /checklist_intake|Checklist intake/i })).toBeVisible();
  await expect(table.getByRole('row', { name: /needs_matrix|Needs matrix/i })).toBeVisible();
  await expect(page.getByText('No dead letters.', { exact: false })).toBeVisible();
  await expect(page.getByText(/\d\d:\d\d UTC, renewed every \d+ s/)).toBeVisible();
  // The place in the log, from which an operator sees whether it moves.
  await expect(page.getByRole('main').getByText(/\bposition\b/i).first()).toBeVisible();
});

test('the page renews itself', async ({ page, signIn }) => {
  await signIn('operator');
  await page.goto('/service');
  const every = Number(/every (\d+) s/.exec(await page.getByText(/renewed every \d+ s/).innerText())![1]);
  for (let times = 0; times < 2; times += 1) await page.waitForResponse(askedOfServices, { timeout: (every + 5) * 1_000 });
});

test('what is shown is compared with the log', async ({ page, house, signIn }) => {
  await signIn('operator');
  await page.goto('/service');
  await page.getByRole('button', { name: 'Compare now' }).click();
  await expect(page.getByText('Equal: what is shown and published is what the log says.')).toBeVisible({ timeout: 30_000 });
  const told = await house.run('operator', 'admin', 'rebuild', '--check');
  const digest = /[0-9a-f]{16,}/.exec(told)![0];
  await expect(page.getByRole('main')).toContainText(digest.slice(0, 8));
});

test('not ready is said as it is, and heals by itself', async ({ page, signIn, watched }) => {
  watched.expectErrors(/503|Failed to load resource/);
  await signIn('operator');
  await page.route('**/readyz', (route) => route.fulfill({ status: 503, body: 'not ready' }));
  await page.goto('/service');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/The service is not ready/);
  await page.unroute('**/readyz');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/The service is ready/, { timeout: 30_000 });
});

/** Fields of a protobuf message: texts and numbers by their tags. */
function message(fields: Record<number, string | number | Buffer>): Buffer {
  const number = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))]);
  const parts = Object.entries(fields).map(([tag, value]) => {
    if (typeof value === 'number') return Buffer.from([...number(Number(tag) * 8), ...number(value)]);
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([...number(Number(tag) * 8 + 2), ...number(bytes.length)]), bytes]);
  });
  return Buffer.concat(parts);
}

/** Two letters, as the service would tell of them; each waits until it is sent again. */
async function withLetters(page: Page): Promise<{ id: string; reason: string }[]> {
  const resent: { id: string; reason: string }[] = [];
  const letter = (id: string) =>
    message({
      1: id, 2: 'needs_matrix', 3: 'needs_matrix', 4: 'uncac.checklist.v1', 5: 3, 6: 8800 + Number(id), 7: 'KEN/uncac-2007/2009/v7',
      8: 'KEN/uncac-2007/2009/v7@1.1', 9: 'uncac.checklist.v1.ResponseVersion', 10: 'KEN', 11: '2026-11-24T09:58:12Z',
      12: `the body is no ResponseVersion (${id})`, 13: '2026-11-24T09:58:13Z', 14: 3, 15: resent.some((one) => one.id === id) ? 2 : 1, 16: 5,
    });
  // Its texts and messages by their tags, in their order; numbers are passed over.
  const partsOf = (bytes: Buffer): [number, Buffer][] => {
    const parts: [number, Buffer][] = [];
    let at = 0;
    const number = (): number => {
      let value = 0;
      for (let shift = 1; ; shift *= 128) {
        const byte = bytes[at++]!;
        value += (byte % 128) * shift;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const tag = number();
      const value = number();
      if (tag % 8 !== 2) continue;
      parts.push([tag >> 3, bytes.subarray(at, at + value)]);
      at += value;
    }
    return parts;
  };
  const textsOf = (bytes: Buffer): Record<number, string> =>
    Object.fromEntries(partsOf(bytes).map(([tag, text]) => [tag, text.toString()]));
  const lettersOf = (service?: string): Buffer =>
    Buffer.concat(service === 'needs_matrix' ? [message({ 1: letter('1') }), message({ 1: letter('2') })] : []);
  await page.route(/\/uncac\.operations\.v1\.Operations\/(List|Show|Resend)/, async (route) => {
    const url = route.request().url();
    const asked = textsOf(route.request().postDataBuffer() ?? Buffer.alloc(0));
    const answer = (body: Buffer) => route.fulfill({ contentType: 'application/proto', body });
    if (/List/.test(url)) return answer(lettersOf(asked[1]));
    if (/Resend/.test(url)) resent.push({ id: asked[2]!, reason: asked[3]! });
    return answer(letter(asked[2]!));
  });
  // Of several questions together, those for letters.
  await page.route(/\/uncac\.gateway\.v1\.Gateway\/Ask/, async (route) => {
    const questions = partsOf(route.request().postDataBuffer() ?? Buffer.alloc(0)).map(([, question]) => textsOf(question));
    const real = partsOf(await (await route.fetch()).body());
    const answers = real.map(([, answer], at) => {
      const { 1: method, 3: service } = questions[at]!;
      if (method !== 'uncac.operations.v1.Operations/ListDeadLetters') return answer;
      return message({ 1: message({ 1: 'type.googleapis.com/uncac.operations.v1.ListDeadLettersReply', 2: lettersOf(service) }) });
    });
    await route.fulfill({ contentType: 'application/proto', body: Buffer.concat(answers.map((answer) => message({ 1: answer }))) });
  });
  return resent;
}

test('dead letters stand with their reason, and are sent again with one', async ({ page, signIn }) => {
  await signIn('operator');
  const resent = await withLetters(page);
  await page.goto('/service');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/2 dead letters wait\./);
  const rows = page.getByRole('row').filter({ hasText: 'the body is no ResponseVersion' });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('uncac.checklist.v1');
  await expect(rows.first()).toContainText(/8,?801/);
  // Keys name States: digests on the page.
  await expect(page.getByRole('main')).not.toContainText('KEN/uncac-2007');
  await expectAccessible(page);

  await rows.first().getByRole('button', { name: /Open/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('the body is no ResponseVersion (1)');
  await expect(dialog).not.toContainText('KEN');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await rows.nth(1).getByRole('checkbox').check();
  await expect(page.getByText('1 of 2 chosen')).toBeVisible();
  await page.getByRole('button', { name: 'Send 1 again' }).click();
  const asking = page.getByRole('dialog').or(page.getByRole('main'));
  await asking.getByLabel(/Reason/).first().fill('the cause is gone');
  expect(resent).toHaveLength(0);
  await asking.first().getByRole('button', { name: /^Send( 1)? again$/ }).last().click();
  await expect.poll(() => resent).toEqual([{ id: '2', reason: 'the cause is gone' }]);
  await expect(rows.nth(1)).toContainText('sent again');
});

test('a backup is made with one button, or the reason is told why there is none', async ({ page, signIn, watched, house }, info) => {
  watched.expectErrors(/Failed to load resource/);
  await signIn('operator');
  await page.goto('/service');
  expect(house.http).toContain('http');
  await page.getByRole('button', { name: 'Make a backup' }).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Make a backup' });
  if (await confirm.isVisible()) await confirm.click();
  if (info.project.name === 'embedded') await expect(page.getByText(/Backed up \d+ files?/)).toBeVisible();
  else await expect(page.getByRole('alert').or(page.getByText(/does not accept|not for|cannot answer|nothing here/)).first()).toBeVisible();
});

test('the page is for operators, and asks nothing for others', async ({ page, signIn }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const reader of ['', 'focal-point-KEN', 'provider-EX1']) {
    if (reader) await signIn(reader);
    await page.goto('/service');
    await expect(page.getByText('This page is for operators.')).toBeVisible();
  }
  expect(asked.filter((url) => /Operations/.test(url))).toEqual([]);
});

test('operators see no answers anywhere', async ({ page, signIn, heard, watched }) => {
  watched.expectErrors(/403 \(Forbidden\)/);
  await signIn('operator');
  for (const path of ['/service', '/', '/since', '/country/KEN', '/response']) {
    await page.goto(path);
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  }
  expect(heard(/\[exercise\] act/)).toBe(false);
  expect(heard(/\w{3}:uncac\/\d+[^"]*:[A-Z_]+/)).toBe(false);
});
