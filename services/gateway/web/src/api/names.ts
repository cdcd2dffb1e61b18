// Names of States, provisions, types … in the reader's language. The API has no list of names of its
// own; a table of the matrix names every code of its dimension, whatever the reader may see of it.
// Kept in the browser for a week: names change with a release of the reference data.
import { startTransition, useEffect, useMemo, useState } from 'react';
import { treatyOrder } from '../address/provision';
import type { Dimension } from '../address/dimensions';
import type { Language } from '../texts/languages';
import { publicMatrix } from './transport';

export interface Name {
  code: string;
  name: string;
}

export interface Names {
  list: Name[]; // in the order of the API: States by name, the rest in treaty or definition order
  of: (code: string) => string; // the code itself where it has no name
}

const week = 7 * 24 * 3600 * 1000;
const asked = new Map<string, Promise<Names>>();
const known = new Map<string, Names>();

const toNames = (list: Name[]): Names => {
  const byCode = new Map(list.map((entry) => [entry.code, entry.name]));
  return { list, of: (code) => byCode.get(code) ?? code };
};

const unnamed = toNames([]);

function fromBrowser(key: string): Names | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as { at: number; names: [string, string][] } | null;
    if (!stored || Date.now() - stored.at > week) return undefined;
    return toNames(stored.names.map(([code, name]) => ({ code, name })));
  } catch {
    return undefined;
  }
}

export function rememberNames(dimension: Dimension, language: Language, list: Name[]): Names {
  const key = `names/${dimension}/${language}`;
  const names = toNames(list);
  // Which rounds there are depends on what the reader sees of them; everything else is the same for all.
  if (dimension === 'round') return names;
  known.set(key, names);
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), names: list.map(({ code, name }) => [code, name]) }));
  } catch {
    // A full or forbidden store only costs another request next time.
  }
  return names;
}

export function namesOf(dimension: Dimension, language: Language): Promise<Names> {
  const key = `names/${dimension}/${language}`;
  const there = known.get(key) ?? fromBrowser(key);
  if (there) {
    known.set(key, there);
    return Promise.resolve(there);
  }
  let pending = asked.get(key);
  if (!pending) {
    pending = publicMatrix
      .queryMatrix({ rows: dimension, language })
      .then((reply) =>
        rememberNames(
          dimension,
          language,
          reply.matrix.map((row) => ({ code: row.header?.code ?? '', name: row.header?.name ?? '' })),
        ),
      )
      .finally(() => asked.delete(key));
    asked.set(key, pending);
  }
  return pending;
}

/**
 * An answer together with the names that stand in it: it is drawn once, and no code turns into a name under
 * the reader's eyes. Where there are no names to be had, it comes without.
 */
export async function withNames<Value>(language: Language, dimensions: readonly Dimension[], answer: Promise<Value>): Promise<Value> {
  const names = Promise.allSettled(dimensions.map((dimension) => namesOf(dimension, language)));
  const value = await answer;
  await names;
  return value;
}

/** Names for a page; codes stand in until they are there. */
export function useNames(dimension: Dimension, language: Language, wanted = true): Names {
  const key = `names/${dimension}/${language}`;
  const [, setRound] = useState(0);
  const there = known.get(key) ?? fromBrowser(key);
  if (there) known.set(key, there);
  const missing = wanted && !there;
  useEffect(() => {
    if (!missing) return;
    let gone = false;
    namesOf(dimension, language).then(
      () => {
        // The whole page may show them: drawn in slices, like an answer.
        if (!gone) startTransition(() => setRound((before) => before + 1));
      },
      () => undefined, // the page's own question fails too, and says so
    );
    return () => {
      gone = true;
    };
  }, [dimension, language, missing]);
  return there ?? unnamed;
}

/** Of provisions and of the articles above them, which are no rows of the table of provisions. */
export function useProvisionNames(language: Language): Names {
  const provisions = useNames('provision', language);
  const articles = useNames('article', language);
  return useMemo(() => {
    const own = new Set(provisions.list.map(({ code }) => code));
    const list = [...provisions.list, ...articles.list.filter(({ code }) => !own.has(code))];
    return toNames(list.sort((left, right) => treatyOrder(left.code, right.code)));
  }, [provisions, articles]);
}
