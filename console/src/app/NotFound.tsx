import type { ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { Empty } from '~/ui/Empty';
import { PageFrame } from '~/ui/PageFrame';
import { words } from './words';

export function NotFound(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const { pathname } = useLocation();
  return (
    <PageFrame title={t('notFound')}>
      <Empty title={t('notFound')} text={t('notFoundText', { path: pathname })}
        action={{ label: t('home'), run: () => void go('/') }} />
    </PageFrame>
  );
}
