import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import { sayProblem, sayWithUndo } from '../notify';
import styles from '../rules.module.css';
import { words } from '../words';

export interface TextThing {
  name: string;
  kind: string;
  text: string;
}

// Things that are a name and a text: streams and schemas. A list, and the text of one to edit.
export function TextThings(props: {
  things: TextThing[]; error: unknown; label: string; newLabel: string; textLabel: string;
  emptyText: string; command: string; mayEdit: boolean; start: TextThing; kinds?: string[];
  named: boolean; // whether the name stands beside the text, not in it
  put: (thing: TextThing, old: TextThing | null) => Promise<unknown>;
  remove: (thing: TextThing) => Promise<unknown>; kindText?: (kind: string) => string;
  extra?: (thing: TextThing) => ReactNode;
}): ReactNode {
  const { things, label, mayEdit } = props;
  const t = words.use();
  const [open, setOpen] = useState<TextThing | null>(null);
  const [making, setMaking] = useState(false);
  const begin = () => {
    setOpen(null);
    setMaking(true);
  };
  const remove = (thing: TextThing) => props.remove(thing).then(() => {
    setOpen(null);
    sayWithUndo(t('removed', { id: thing.name }), () => props.put(thing, null));
  }).catch(sayProblem);
  const columns: Column<TextThing>[] = [
    { id: 'name', title: t('name'), width: '30%', sort: (one) => one.name,
      cell: (one) => one.name },
    { id: 'kind', title: t('kind'), width: 110, sort: (one) => one.kind,
      cell: (one) => props.kindText?.(one.kind) ?? one.kind },
    { id: 'text', title: props.textLabel, cell: (one) => (
      <span className={styles.mono} title={one.text}>{one.text}</span>) },
    ...(mayEdit ? [{ id: 'acts', title: '', width: 100, cell: (one: TextThing) => (
      <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Trash2 size={13} />}
        onClick={(event) => {
          event.stopPropagation();
          void remove(one);
        }}>{t('delete')}</Button>) }] : []),
  ];
  const editing = making ? props.start : open;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <span style={{ flex: 1 }} />
        {mayEdit && <Button size="xs" leftSection={<Plus size={14} />} onClick={begin}>
          {props.newLabel}</Button>}
      </div>
      <ProblemAlert error={props.error} />
      <div className={styles.rest}>
        <div className={styles.split} style={editing ? undefined
          : { gridTemplateColumns: 'minmax(0, 1fr)' }}>
          {things.length === 0 && !props.error
            ? <Empty title={label} text={props.emptyText} command={props.command}
              action={mayEdit ? { label: props.newLabel, run: begin } : undefined} />
            : <DataTable rows={things} columns={columns} rowKey={(one) => one.name} label={label}
              selected={open?.name ?? ''} onOpen={(one) => {
                setMaking(false);
                setOpen(one);
              }} />}
          {editing && <Editor key={making ? '' : editing.name} {...props} thing={editing}
            old={making ? null : editing} onClose={() => {
              setMaking(false);
              setOpen(null);
            }} />}
        </div>
      </div>
    </div>
  );
}

function Editor(props: Parameters<typeof TextThings>[0] & {
  thing: TextThing; old: TextThing | null; onClose: () => void;
}): ReactNode {
  const { old, put, onClose, mayEdit, named, kinds } = props;
  const t = words.use();
  const [thing, setThing] = useState(props.thing);
  const [error, setError] = useState<unknown>(null);
  const save = () => put(thing, old).then(onClose).catch(setError);
  return (
    <section className={`hw-panel ${styles.card}`} onKeyDown={(event) => {
      if (event.key === 'Escape') onClose();
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      if (mayEdit) void save();
    }}>
      {named && (
        <div className={styles.form} style={{ marginBottom: 8 }}>
          <TextInput size="xs" label={t('schemaName')} value={thing.name} disabled={old !== null}
            onChange={(event) => setThing({ ...thing, name: event.currentTarget.value })} />
          <Select size="xs" label={t('kind')} data={kinds ?? []} value={thing.kind}
            onChange={(kind) => setThing({ ...thing, kind: kind ?? thing.kind })} />
        </div>)}
      <Textarea label={props.textLabel} autosize minRows={8} maxRows={26} value={thing.text}
        readOnly={!mayEdit} spellCheck={false}
        styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12.5 } }}
        onChange={(event) => setThing({ ...thing, text: event.currentTarget.value })} />
      {props.extra?.(thing)}
      <div style={{ marginTop: 8 }}><ProblemAlert error={error} /></div>
      <Group justify="flex-end" mt={8}>
        <Button size="xs" variant="default" onClick={onClose}>{t('close')}</Button>
        {mayEdit && <Button size="xs" onClick={() => void save()}
          disabled={named && !thing.name}>{t('saveStream')}</Button>}
      </Group>
    </section>
  );
}
