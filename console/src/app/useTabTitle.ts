import { useEffect } from 'react';
import { useLink } from '~/lib/live';
import { words } from './words';

// A tab among many says by its title and sign when the server is not heard.
export function useTabTitle(page: string | undefined): void {
  const t = words.use();
  const down = useLink().state === 'down';
  useEffect(() => {
    const name = page ? `${page} · Headworks` : 'Headworks';
    document.title = down ? `✕ ${t('linkDown')} · ${name}` : name;
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon) icon.href = down ? '/icon-down.svg' : '/icon.svg';
  }, [page, down, t]);
}
