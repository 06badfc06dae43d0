import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';

// The console's texts. Each page declares its own, in every language at once, by defineWords(); the
// compiler refuses a key that one language lacks. Keys are flat; {{name}} is filled from `values`;
// plurals are keys key_one and key_other chosen by `count` (Chinese needs only key_other).
export const languages = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof languages;

void i18next.use(initReactI18next).init({
  resources: {},
  lng: 'en',
  fallbackLng: false,
  interpolation: { escapeValue: false },
  returnNull: false,
  react: { useSuspense: false },
});

export type Values = Record<string, string | number>;
type Plain<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K;
export type Translate<K> = (key: Plain<K> | K, values?: Values) => string;

export interface Words<K> {
  // The hook of components: renders again when the language changes.
  use: () => Translate<K>;
  // For code outside components, in the language of now.
  now: Translate<K>;
}

export function defineWords<E extends Record<string, string>>(
  space: string,
  en: E,
  zh: Record<keyof E, string>,
): Words<keyof E & string> {
  i18next.addResourceBundle('en', space, en, true, true);
  i18next.addResourceBundle('zh', space, zh, true, true);
  const now = (key: string, values?: Values) => i18next.t(key, { ns: space, ...values });
  return {
    now,
    use: () => {
      const { i18n } = useTranslation(space);
      // A new function for each language, so that memoised children see the change.
      return useCallback(now, [i18n.language]);
    },
  };
}

export function setLanguage(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  void i18next.changeLanguage(language);
}

export const languageNow = (): Language => (i18next.language === 'zh' ? 'zh' : 'en');
