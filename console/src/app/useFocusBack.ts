import { useEffect } from 'react';

const windows = '[role=dialog], [role=menu]';
const closingMs = 250;

// Where the focus was before a window opened, it is again when the window has gone: also for those
// that leave the page at once instead of being closed.
export function useFocusBack(): void {
  useEffect(() => {
    let last: HTMLElement | null = null;
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof HTMLElement && !target.closest(windows)) last = target;
    };
    const onAct = ({ target }: Event) => {
      if (!(target instanceof Element) || !target.closest(windows)) return;
      window.setTimeout(() => {
        if (document.activeElement === document.body && last?.isConnected
          && !document.querySelector(windows)) last.focus({ preventScroll: true });
      }, closingMs);
    };
    document.addEventListener('focusin', onFocus);
    document.addEventListener('click', onAct, true);
    document.addEventListener('keydown', onAct, true);
    return () => {
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('click', onAct, true);
      document.removeEventListener('keydown', onAct, true);
    };
  }, []);
}
