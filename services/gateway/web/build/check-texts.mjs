// Holds the catalogues against each other and against the code: a key that is missing, in excess or not
// used, a message that is no ICU message, and a message whose slots differ between languages.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, TYPE } from '@formatjs/icu-messageformat-parser';

const source = join(dirname(fileURLToPath(import.meta.url)), '../src');
const languages = ['ar', 'en', 'es', 'fr', 'ru', 'zh'];
const problems = [];

// The categories of plurals that a language has; a form that is missing would show the wrong one.
const categories = Object.fromEntries(
  languages.map((language) => [language, new Intl.PluralRules(language).resolvedOptions().pluralCategories]),
);
// CLDR has `many` in French and Spanish for millions alone, which no count of these pages reaches.
for (const language of ['es', 'fr']) categories[language] = categories[language].filter((one) => one !== 'many');

function slotsOf(elements, found = new Set()) {
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue;
    if (element.type !== TYPE.tag) found.add(element.value);
    for (const option of Object.values(element.options ?? {})) slotsOf(option.value, found);
    if (element.children) slotsOf(element.children, found);
  }
  return found;
}

function checkPlurals(language, key, elements) {
  for (const element of elements) {
    if (element.type === TYPE.plural) {
      const forms = Object.keys(element.options);
      for (const category of categories[language]) {
        if (!forms.includes(category)) problems.push(`${language}: ${key}: plural form "${category}" is missing`);
      }
    }
    for (const option of Object.values(element.options ?? {})) checkPlurals(language, key, option.value);
  }
}

const catalogues = {};
for (const language of languages) {
  const text = readFileSync(join(source, 'texts', `${language}.json`), 'utf8');
  catalogues[language] = JSON.parse(text);
  const keys = [...text.matchAll(/^ {2}"([^"]+)":/gm)].map((match) => match[1]);
  for (const key of new Set(keys.filter((one, at) => keys.indexOf(one) !== at))) problems.push(`${language}: ${key}: stands twice`);
}
const english = catalogues.en;

for (const language of languages) {
  const catalogue = catalogues[language];
  for (const key of Object.keys(english)) if (!(key in catalogue)) problems.push(`${language}: ${key}: is missing`);
  for (const [key, message] of Object.entries(catalogue)) {
    if (!(key in english)) {
      problems.push(`${language}: ${key}: is not in the English catalogue`);
      continue;
    }
    try {
      const elements = parse(message, { ignoreTag: true });
      checkPlurals(language, key, elements);
      const slots = [...slotsOf(elements)].sort().join(', ');
      const expected = [...slotsOf(parse(english[key], { ignoreTag: true }))].sort().join(', ');
      if (slots !== expected) problems.push(`${language}: ${key}: has the slots {${slots}}, not {${expected}}`);
    } catch (error) {
      problems.push(`${language}: ${key}: ${error.message}`);
    }
  }
}

// Used: said in the code as a whole, or matched by a template that puts codes into keys.
const code = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !(entry.parentPath ?? entry.path).includes('generated'))
  .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8'))
  .join('\n');
const literals = new Set([...code.matchAll(/'([a-zA-Z]+(?:[.-][\w-]+)+)'/g)].map((match) => match[1]));
const templates = [...code.matchAll(/`([a-zA-Z]+\.[^`]*\$\{[^`]*)`/g)].map(
  (match) => new RegExp(`^${match[1].replace(/\$\{[^}]*\}/g, '\u0000').replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\u0000', '[\\w-]+')}$`),
);
for (const key of Object.keys(english)) {
  if (!literals.has(key) && !templates.some((template) => template.test(key))) problems.push(`en: ${key}: is used nowhere`);
}

for (const problem of problems) console.error(problem);
console.log(`texts: ${Object.keys(english).length} messages in ${languages.length} languages, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
