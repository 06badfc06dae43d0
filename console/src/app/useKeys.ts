import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { usePrefs } from '~/lib/prefs';
import { pages } from './pages';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

// Ctrl/Cmd-K palette, ? keys, g and a letter goes to a page, [ folds the rail.
export function useKeys({ openPalette, openKeys }: {
  openPalette: () => void; openKeys: () => void;
}): void {
  const go = useNavigate();
  const calls = useRef({ openPalette, openKeys });
  useEffect(() => {
    calls.current = { openPalette, openKeys };
  });
  useEffect(() => {
    let goAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        calls.current.openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (event.key === '?') calls.current.openKeys();
      else if (event.key === '[') {
        const { railOpen, set } = usePrefs.getState();
        set({ railOpen: !railOpen });
      } else if (event.key === 'g') goAt = event.timeStamp;
      else if (event.timeStamp - goAt < 1200) {
        const page = pages.find((one) => one.key === event.key);
        goAt = 0;
        if (page) void go(page.path);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go]);
}
