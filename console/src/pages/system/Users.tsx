import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useSession } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import styles from '~/pages/gateway/gateway.module.css';
import { Note } from '~/pages/gateway/parts';
import { DataTable, Empty, ProblemAlert, State, type Column } from '~/ui';
import { list, type User } from './model';
import { NeedsRole } from './NeedsRole';
import { UserDialog } from './UserDialog';
import { words, type T } from './words';

function columnsOf(t: T, zone: string, me: string): Column<User>[] {
  const time = (text: string | null) => formatTime(parseTime(text), 'full', zone);
  return [
    { id: 'state', title: t('state'), width: 190, sort: (user) => String(user.enabled),
      cell: (user) => (user.enabled
        ? user.must_change_password ? <State kind="note">{t('mustChange')}</State>
          : <State kind="ok">{t('enabled')}</State>
        : <State kind="idle">{t('disabled')}</State>) },
    { id: 'name', title: t('userName'), sort: (user) => user.name,
      cell: (user) => <>{user.name}{user.name === me &&
        <span className={styles.dim}> ({t('you')})</span>}</> },
    { id: 'display', title: t('displayName'), sort: (user) => user.display_name,
      cell: (user) => user.display_name || '–' },
    { id: 'role', title: t('role'), width: 130, sort: (user) => user.role,
      cell: (user) => t(`role_${user.role}`) },
    { id: 'scope', title: t('scope'), cell: (user) => (
      <span className="hw-mono">{user.scope}</span>) },
    { id: 'last', title: t('lastSignIn'), width: 180,
      sort: (user) => parseTime(user.last_sign_in) || 0,
      cell: (user) => <span className={styles.num}>{time(user.last_sign_in)}</span> },
  ];
}

export function Users(): ReactNode {
  return <NeedsRole role="administrator"><UserList /></NeedsRole>;
}

function UserList(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const me = useSession().data?.user?.name ?? '';
  const mode = useSession().data?.mode;
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  const users = useQuery({
    queryKey: ['system', 'users'],
    queryFn: ({ signal }) => list<User>('/api/v1/users', signal),
  });
  if (users.isError)
    return <ProblemAlert error={users.error} retry={() => void users.refetch()} />;
  if (!users.data) return <Skeleton height={200} />;
  return (
    <div className={styles.page}>
      {mode === 'open' && <Note kind="warn">{t('openMode')}</Note>}
      <div className={styles.bar}>
        <span className={styles.dim}>{t('rolesHelp')}</span>
        <span className={styles.spring} />
        <Button size="compact-sm" leftSection={<Plus size={14} />}
          onClick={() => setEditing('new')}>{t('newUser')}</Button>
      </div>
      {users.data.length === 0
        ? <Empty title={t('noUsers')} text={t('noUsersText')}
          command="headworks user create anna --role engineer" /> : (
          <div className={styles.fill}>
            <DataTable rows={users.data} columns={columnsOf(t, zone, me)} label={t('tab_users')}
              rowKey={(user) => user.name} onOpen={setEditing} />
          </div>)}
      {editing && (
        <UserDialog user={editing === 'new' ? null : editing} me={me}
          onClose={() => setEditing(null)} />)}
    </div>
  );
}
