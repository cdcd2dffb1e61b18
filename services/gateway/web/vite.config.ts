import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // A small file as a data: URL would be refused by the content security policy where it is a font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    // On a slow line a file of its own for each shared piece costs more than it saves.
    rollupOptions: { output: { experimentalMinChunkSize: 12_000 } },
  },
  server: { proxy: backend() },
  preview: { proxy: backend() },
});

// While developing, the gateway answers what the pages ask. UNCAC_GATEWAY says where it is.
function backend() {
  const target = process.env['UNCAC_GATEWAY'] ?? 'http://127.0.0.1:7480';
  return Object.fromEntries(
    ['/session', '/sign-in', '/events', '/export', '/import', '/uncac.'].map((path) => [path, { target }]),
  );
}
