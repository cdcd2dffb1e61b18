// TypeScript of the public contract, made from proto/ before every build. Not committed: the .proto
// files are the one place where the contract stands.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const proto = join(web, '../../../proto');
const output = join(web, 'src/api/generated');

const files = readdirSync(join(proto, 'uncac'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
  .map((entry) => relative(proto, join(entry.parentPath ?? entry.path, entry.name)));

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
execFileSync(
  'protoc',
  [
    `--plugin=protoc-gen-es=${join(web, 'node_modules/.bin/protoc-gen-es')}`,
    `--proto_path=${proto}`,
    `--es_out=${output}`,
    '--es_opt=target=ts',
    ...files,
  ],
  { stdio: 'inherit' },
);
