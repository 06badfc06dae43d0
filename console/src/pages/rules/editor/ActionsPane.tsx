import { ActionIcon, Button, Menu } from '@mantine/core';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useConnectorKinds, type Action } from '../data';
import type { en } from '../en';
import styles from '../rules.module.css';
import { words } from '../words';
import { innerKinds, newAction, sinkKinds } from './actionKinds';
import { ActionForm } from './ActionForm';

const whereTo = (action: Action): string =>
  String(action.topic ?? action.point ?? action.prefix ?? action.connector ?? '');

// What is done with the rows, in this order.
export function ActionsPane({ actions, onChange, mayEdit, title, help, none }: {
  actions: Action[]; onChange: (actions: Action[]) => void; mayEdit: boolean;
  title: string; help: string; none: string;
}): ReactNode {
  const t = words.use();
  const kinds = useConnectorKinds().data ?? [];
  const [open, setOpen] = useState<number | null>(actions.length === 1 ? 0 : null);
  const titleOf = (type: string) => type in innerKinds ? t(type as keyof typeof en)
    : kinds.find((kind) => kind.kind === type)?.title ?? type;
  const add = (type: string) => {
    setOpen(actions.length);
    onChange([...actions, newAction(type)]);
  };
  const move = (index: number, by: number) => {
    const next = [...actions];
    const [one] = next.splice(index, 1);
    if (one) next.splice(index + by, 0, one);
    setOpen(null);
    onChange(next);
  };
  return (
    <>
      <div className={styles.head}>
        <h2>{title}</h2>
        <span className={styles.note}>{help}</span>
        <span className={styles.spring} />
        {mayEdit && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Button size="compact-xs" variant="default" leftSection={<Plus size={13} />}>
                {t('addAction')}</Button>
            </Menu.Target>
            <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
              <Menu.Label>{t('here')}</Menu.Label>
              {Object.keys(innerKinds).map((type) => (
                <Menu.Item key={type} onClick={() => add(type)}>{titleOf(type)}</Menu.Item>))}
              <Menu.Label>{t('elsewhere')}</Menu.Label>
              {sinkKinds(kinds).map((kind) => (
                <Menu.Item key={kind.kind} onClick={() => add(kind.kind)}>
                  {kind.title}</Menu.Item>))}
            </Menu.Dropdown>
          </Menu>)}
      </div>
      {actions.length === 0 && <p className={styles.note}>{none}</p>}
      {actions.map((action, index) => (
        <section key={index} className={styles.card}>
          <div className={styles.cardHead}>
            <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={open === index}
              onClick={() => setOpen(open === index ? null : index)}>
              {open === index ? '▾' : '▸'} <strong>&nbsp;{titleOf(action.type)}</strong>
            </Button>
            <span className={`${styles.note} hw-mono`} style={{ flex: 1, minWidth: 0,
              overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
              title={whereTo(action)}>
              {whereTo(action)}
            </span>
            {mayEdit && <>
              <ActionIcon size="sm" variant="subtle" color="gray" disabled={index === 0}
                aria-label={t('actionUp')} onClick={() => move(index, -1)}>
                <ArrowUp size={14} /></ActionIcon>
              <ActionIcon size="sm" variant="subtle" color="gray"
                disabled={index === actions.length - 1} aria-label={t('actionDown')}
                onClick={() => move(index, 1)}><ArrowDown size={14} /></ActionIcon>
              <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('removeAction')}
                onClick={() => {
                  setOpen(null);
                  onChange(actions.filter((_, at) => at !== index));
                }}><Trash2 size={14} /></ActionIcon>
            </>}
          </div>
          {open === index && (
            <ActionForm action={action} kinds={kinds} mayEdit={mayEdit} onChange={(next) =>
              onChange(actions.map((one, at) => (at === index ? next : one)))} />)}
        </section>))}
    </>
  );
}
