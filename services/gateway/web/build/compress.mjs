// Puts a .br and a .gz beside every text file of the build, so that the gateway only has to choose.
// A copy that is no smaller than its original is left out.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2] ?? 'dist';
const texts = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest', '.txt']);

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !texts.has(extname(entry.name))) continue;
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const original = readFileSync(file);
  const copies = {
    '.br': brotliCompressSync(original, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: original.length,
      },
    }),
    '.gz': gzipSync(original, { level: 9 }),
  };
  for (const [ending, copy] of Object.entries(copies)) {
    if (copy.length < original.length) writeFileSync(file + ending, copy);
  }
}
