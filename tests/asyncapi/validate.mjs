// node validate.mjs FILE: whether the AsyncAPI parser takes the document without an error or a warning.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const informationOnly = 2; // 0 is an error, 1 a warning
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'));
const wrong = diagnostics.filter((found) => found.severity < informationOnly);
for (const { code, path, message } of wrong) {
  console.error(`${process.argv[2]}: ${path.join('.')}: ${code}: ${message}`);
}
if (document === undefined || wrong.length > 0) process.exit(1);
console.log(`${document.info().title()}: ${document.channels().length} channels, ` +
  `${document.operations().length} operations`);
