import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { setLanguage, type Language } from './words';

export type Scheme = 'dark' | 'light' | 'auto';
export type UnitSet = 'si' | 'us';

// What a person likes; kept in the browser, and with the user where there is one (session.ts).
export interface Prefs {
  language: Language;
  scheme: Scheme;
  units: UnitSet;
  // IANA name of the site's time zone, or 'browser'.
  zone: string;
  railOpen: boolean;
  // Addresses that take turns in TV mode, and how long each stays; of this screen, not of a person.
  tvPages: string[];
  tvSeconds: number;
}

interface PrefsStore extends Prefs {
  set: (change: Partial<Prefs>) => void;
}

const ofBrowser: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';

export const usePrefs = create<PrefsStore>()(
  persist(
    (set) => ({
      language: ofBrowser,
      scheme: 'dark',
      units: 'si',
      zone: 'browser',
      railOpen: true,
      tvPages: [],
      tvSeconds: 30,
      set: (change) => {
        if (change.language) setLanguage(change.language);
        set(change);
      },
    }),
    {
      name: 'headworks.prefs',
      onRehydrateStorage: () => (state) => setLanguage(state?.language ?? ofBrowser),
    },
  ),
);

// Another tab has changed them: without this the next change here would bring the old ones back.
window.addEventListener('storage', ({ key }) => {
  if (key === 'headworks.prefs') void usePrefs.persist.rehydrate();
});
