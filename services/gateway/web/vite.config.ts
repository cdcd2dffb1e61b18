import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { earlyScript } from './build/early';
import { parsedMessages } from './build/messages';

export default defineConfig({
  plugins: [
    react(),
    parsedMessages(),
    earlyScript({
      needs: 'src/pages/needs/NeedsPage.tsx',
      since: 'src/pages/since/SincePage.tsx',
      country: 'src/pages/country/CountryPage.tsx',
      response: 'src/pages/response/ResponsePage.tsx',
      service: 'src/pages/service/ServicePage.tsx',
      signIn: 'src/pages/other/SignInPage.tsx',
      words: 'src/pages/other/WordsPage.tsx',
    }, 'react-dom/client.js'),
  ],
  build: {
    target: 'es2022',
    // A small file as a data: URL would be refused by the content security policy where it is a font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    // On a slow line a file of its own for each shared piece costs more than it saves.
    rollupOptions: { output: { experimentalMinChunkSize: 12_000, manualChunks } },
  },
  server: { proxy: backend() },
  preview: { proxy: backend() },
});

// What others wrote is in files of its own, which stay in the browser from one release to the next; the charts'
// part of it is fetched with them alone. Two of them, about alike, come sooner than one: each connection begins slowly.
// What puts pages on the screen is read after the rest, in a turn of its own (src/main.tsx).
function manualChunks(id: string): string | undefined {
  if (!id.includes('/node_modules/') || !/\.[cm]?js$/.test(id) || /\/(echarts|zrender|tslib)\//.test(id)) return undefined;
  return /\/(react-dom\/.*client|scheduler\/)/.test(id) ? 'react-dom' : 'vendor';
}

// While developing, the gateway answers what the pages ask. UNCAC_GATEWAY says where it is.
function backend() {
  const target = process.env['UNCAC_GATEWAY'] ?? 'http://127.0.0.1:7480';
  return Object.fromEntries(
    ['/session', '/sign-in', '/events', '/export', '/import', '/uncac.'].map((path) => [path, { target }]),
  );
}
