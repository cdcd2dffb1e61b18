// The dashboard as people use it, in Debian's Chromium, on each profile.
import { defineConfig } from '@playwright/test';

const profiles = (process.env['UNCAC_WEB_PROFILES'] ?? 'embedded,distributed').split(',');

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: './output',
  // Each profile has one system, and each test its own State.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['line'], ['junit']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      executablePath: process.env['UNCAC_CHROMIUM'] ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not start for root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
    trace: 'retain-on-failure',
  },
  // How pages look, read and come does not depend on the profile, and signing in not on the services.
  projects: profiles.map((name, at) => ({ name, metadata: { profile: name }, testIgnore: at > 0 ? ['**/everywhere.spec.ts', '**/languages.spec.ts', '**/lighthouse.spec.ts', '**/requests.spec.ts', '**/sign-in.spec.ts', '**/speed.spec.ts'] : [] })),
});
