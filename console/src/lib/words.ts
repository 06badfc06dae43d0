import { useSyncExternalStore } from 'react';

// The console's texts. Each page declares its own, in every language at once, by defineWords(); the
// compiler refuses a key that one language lacks. Keys are flat; {{name}} is filled from `values`;
// plurals are keys key_one and key_other chosen by `count` (Chinese needs only key_other).
// Written here, as a library of languages costs 16 kB of the shell for what stands in 60 lines.
export const languages = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof languages;

export type Values = Record<string, string | number>;
type Plain<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K;
export type Translate<K> = (key: Plain<K> | K, values?: Values) => string;

export interface Words<K> {
  // The hook of components: renders again when the language changes.
  use: () => Translate<K>;
  // For code outside components, in the language of now.
  now: Translate<K>;
}

type Texts = Record<string, string>;

const plurals: Record<Language, Intl.PluralRules> = {
  en: new Intl.PluralRules('en'), zh: new Intl.PluralRules('zh'),
};
const listeners = new Set<() => void>();
let language: Language = 'en';

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const languageNow = (): Language => language;

// The same for components: they render again when it changes.
export const useLanguage = (): Language =>
  useSyncExternalStore(subscribe, languageNow, languageNow);

function textOf(texts: Texts, tongue: Language, key: string, values?: Values): string {
  const count = values?.count;
  const text = (typeof count === 'number'
    ? texts[`${key}_${plurals[tongue].select(count)}`] ?? texts[`${key}_other`] : undefined)
    ?? texts[key];
  if (text === undefined) return key;
  return values
    ? text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(values[name] ?? ''))
    : text;
}

// The space is the page's name; it tells readers whose words they are.
export function defineWords<E extends Texts>(
  _space: string, en: E, zh: Record<keyof E, string>,
): Words<keyof E & string> {
  const all: Record<Language, Texts> = { en, zh };
  // A function for each language, so that memoised children see the change.
  const bound = {
    en: (key: string, values?: Values) => textOf(all.en, 'en', key, values),
    zh: (key: string, values?: Values) => textOf(all.zh, 'zh', key, values),
  };
  return {
    now: (key, values) => bound[language](key, values),
    use: () => bound[useLanguage()],
  };
}

export function setLanguage(next: Language): void {
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  if (next === language) return;
  language = next;
  for (const listener of [...listeners]) listener();
}
