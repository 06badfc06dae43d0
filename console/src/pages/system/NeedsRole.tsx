import type { ReactNode } from 'react';
import { useMay, useSession, type Role } from '~/lib/session';
import { Note } from '~/pages/gateway/parts';
import { words } from './words';

// Shows what needs a role to those who have it, and tells the others why not.
export function NeedsRole({ role, children }: { role: Role; children: ReactNode }): ReactNode {
  const t = words.use();
  const may = useMay(role);
  const session = useSession();
  if (may) return children;
  return (
    <Note>
      {t('needsRole', { role: t(`role_${role}`),
        mine: session.data?.user ? t(`role_${session.data.user.role}`) : '–' })}
    </Note>
  );
}
