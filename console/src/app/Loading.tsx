import { Skeleton } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { words } from '~/ui/words';

// Nothing for the first 300 ms, then grey bars where the content will be.
export function Loading(): ReactNode {
  const t = words.use();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 300);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div style={{ padding: 16 }} role="status" aria-label={t('loading')}>
      {late && [1, 2, 3].map((one) => <Skeleton key={one} height={40} mb="sm" />)}
    </div>
  );
}
