import { Select, TextInput } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { DataTable, ProblemAlert } from '~/ui';
import { useFunctions, type FunctionInfo } from '../data';
import { en } from '../en';
import styles from '../rules.module.css';
import { words } from '../words';

const keyOf = (one: FunctionInfo) => `${one.name} ${one.origin} ${one.signature}`;

// A group that this console does not know yet has the server's name.
const groupText = (group: string, t: (key: keyof typeof en) => string): string =>
  `group_${group}` in en ? t(`group_${group}` as keyof typeof en) : group;

// Every function of the language, to look up.
export function Functions(): ReactNode {
  const t = words.use();
  const [search, setSearch] = useSearchParams();
  const functions = useFunctions();
  const all = functions.data ?? [];
  const text = (search.get('q') ?? '').toLowerCase();
  const group = search.get('group');
  const kind = search.get('kind');
  const chosen = search.get('function');
  const set = (name: string, value: string | null) => setSearch((old) => {
    const next = new URLSearchParams(old);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  }, { replace: true });
  const shown = useMemo(() => all.filter((one) => (!group || one.group === group)
    && (!kind || one.type === kind)
    && `${one.name} ${one.help}`.toLowerCase().includes(text)), [all, group, kind, text]);
  const groups = [...new Set(all.map((one) => one.group))];
  const kinds = [...new Set(all.map((one) => one.type))];
  const one = all.find((each) => keyOf(each) === chosen);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <TextInput className={styles.grow} size="xs" value={search.get('q') ?? ''}
          placeholder={t('functionSearch', { count: all.length })}
          aria-label={t('functionSearch', { count: all.length })}
          onChange={(event) => set('q', event.currentTarget.value)} />
        <Select size="xs" w={190} clearable searchable placeholder={t('allGroups')} value={group}
          aria-label={t('allGroups')} onChange={(value) => set('group', value)}
            data={groups.map((value) => ({ value, label: groupText(value, t) }))} />
        <Select size="xs" w={170} clearable placeholder={t('allKinds')} value={kind}
          aria-label={t('allKinds')} onChange={(value) => set('kind', value)}
          data={kinds.map((value) => ({ value, label: t(value as keyof typeof en) }))} />
      </div>
      <ProblemAlert error={functions.error} />
      <div className={styles.rest}>
        <div className={styles.split} style={one ? undefined
          : { gridTemplateColumns: 'minmax(0, 1fr)' }}>
          <DataTable rows={shown} label={t('functions')} rowKey={keyOf} selected={chosen ?? ''}
            onOpen={(each) => set('function', keyOf(each))} columns={[
              { id: 'name', title: t('name'), width: 200, sort: (each) => each.name,
                cell: (each) => <code title={each.signature}>{each.name}</code> },
              { id: 'help', title: t('description'),
                cell: (each) => <span title={each.help}>{each.help}</span> },
              { id: 'type', title: t('kind'), width: 110, sort: (each) => each.type,
                cell: (each) => t(each.type as keyof typeof en) },
              ...(one ? [] : [{ id: 'origin', title: '', width: 130,
                cell: (each: FunctionInfo) => <span className="hw-dim">{each.origin}</span> }]),
            ]} />
          {one && (
            <section className={`hw-panel ${styles.card}`} aria-live="polite">
              <h2><code>{one.signature}</code></h2>
              <p>{one.help}</p>
              {one.example && (
                <pre className={styles.pre}>{one.example}{`\n${t('gives')} `}
                  {one.example_result}</pre>)}
              <p className={styles.note}>{[groupText(one.group, t), t(one.type as keyof typeof en),
                one.origin].join(' · ')}</p>
            </section>)}
        </div>
      </div>
    </div>
  );
}
