import { Fragment, type ReactNode } from 'react';
import { parts } from '../texts/sentence';

/** A message whose slots (see texts/sentence.ts) are elements. */
export function Sentence({ text, slots }: { text: string; slots: Record<string, ReactNode> }) {
  return parts(text).map((part, at) => <Fragment key={at}>{'slot' in part ? slots[part.slot] : part.text}</Fragment>);
}
