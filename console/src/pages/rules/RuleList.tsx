import { ActionIcon, Button, Menu, Select, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Copy, Download, EllipsisVertical, Pencil, Plus, Trash2, Upload } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { send } from '~/lib/api';
import { formatNumber } from '~/lib/units';
import {
  DataTable, Empty, ProblemAlert, SparkLine, State, type Column, type StateKind,
} from '~/ui';
import { enableRule, refreshRules, specOf, useRules, type Rule, type RuleStatus } from './data';
import { choiceColumn, ChosenBar } from './Chosen';
import { DeleteRule } from './DeleteRule';
import { ImportRules } from './ImportRules';
import { saveFile, sayProblem } from './notify';
import { keepMs, sparkRows, useTrack } from './rates';
import styles from './rules.module.css';
import { words } from './words';

const kinds: Record<RuleStatus, StateKind> = {
  running: 'ok', waiting: 'busy', disabled: 'idle', failed: 'alarm',
};

export function RuleState({ rule }: { rule: Rule }): ReactNode {
  const t = words.use();
  return (
    <State kind={kinds[rule.status]} title={rule.problem}>
      {t(rule.status === 'failed' ? 'failedState' : rule.status)}
    </State>);
}

// A rate of a rule with its line; asks the server only while it is on the screen.
function Rate({ id, of }: { id: string; of: 'in' | 'passed' | 'failed' | 'latencyMs' }): ReactNode {
  const t = words.use();
  const track = useTrack(id);
  const last = track?.points.at(-1)?.[of];
  if (!track) return <span className="hw-dim">–</span>;
  const whole = of === 'latencyMs' ? track.figures.latency.mean_ms : track.figures[of];
  const known = last !== undefined && Number.isFinite(last);
  const text = of === 'latencyMs'
    ? known ? t('ms', { value: formatNumber(last) }) : '–'
    : known ? t('perSecond', { value: formatNumber(last) }) : '–';
  return (
    <span className={styles.spark} title={of === 'latencyMs' ? undefined
      : t('total', { value: formatNumber(whole) })}>
      {of === 'in' && <SparkLine rows={sparkRows(track, of)} width={52} height={22}
        from={track.time - keepMs} to={track.time}
        label={t('rateLine')} />}
      <span className={of === 'failed' && known && last > 0 ? styles.bad : undefined}>
        {of === 'failed' && known && last > 0 ? '■ ' : ''}{text}
      </span>
    </span>
  );
}

function LastError({ rule }: { rule: Rule }): ReactNode {
  const track = useTrack(rule.id);
  const text = rule.problem ?? track?.figures.last_error;
  return text ? <span title={text}>{text}</span> : <span className="hw-dim">–</span>;
}

const matches = (rule: Rule, text: string, state: string, tag: string): boolean =>
  (!state || rule.status === state) && (!tag || rule.tags.includes(tag))
  && `${rule.id}\n${rule.description}\n${rule.sql}`.toLowerCase().includes(text.toLowerCase());

export function RuleList({ mayEdit }: { mayEdit: boolean }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const rules = useRules();
  const [deleting, setDeleting] = useState<Rule | null>(null);
  const [importing, setImporting] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const text = search.get('q') ?? '';
  const state = search.get('state') ?? '';
  const tag = search.get('tag') ?? '';
  const set = (name: string, value: string | null) => setSearch((old) => {
    const next = new URLSearchParams(old);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  }, { replace: true });
  const all = rules.data ?? [];
  const shown = useMemo(() => all.filter((rule) => matches(rule, text, state, tag)),
    [all, text, state, tag]);
  const tags = useMemo(() => [...new Set(all.flatMap((rule) => rule.tags))].sort(), [all]);
  const open = (rule: Rule) => setSearch({ rule: rule.id });
  const toggle = (rule: Rule) => enableRule(rule.id, !rule.enable).catch(sayProblem)
    .finally(() => refreshRules(client));
  const exportAll = () => send('/api/v1/rules/export').then((answer) => answer.text())
    .then((json) => saveFile('headworks-rules.json', json)).catch(sayProblem);
  const columns = useColumns(mayEdit, { toggle, open, remove: setDeleting,
    copy: (rule) => setSearch({ new: '1', copy: rule.id }) });
  const choose = (id: string) => setChosen((old) => {
    const next = new Set(old);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const chosenRules = all.filter((rule) => chosen.has(rule.id));
  if (rules.error) return <div className={styles.page}>
    <ProblemAlert error={rules.error} retry={() => void rules.refetch()} /></div>;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <TextInput className={styles.grow} size="xs" placeholder={t('search')} value={text}
          aria-label={t('search')} onChange={(event) => set('q', event.currentTarget.value)} />
        <Select size="xs" w={150} clearable placeholder={t('allStates')} value={state || null}
          aria-label={t('allStates')} onChange={(value) => set('state', value)} data={
            (['running', 'waiting', 'disabled', 'failed'] as const).map((value) => ({
              value, label: t(value === 'failed' ? 'failedState' : value) }))} />
        <Select size="xs" w={150} clearable searchable placeholder={t('allTags')}
          aria-label={t('allTags')} value={tag || null} data={tags}
          onChange={(value) => set('tag', value)} />
        <span style={{ flex: 1 }} />
        {mayEdit && <Button size="xs" variant="default" leftSection={<Upload size={14} />}
          onClick={() => setImporting(true)}>{t('import')}</Button>}
        <Button size="xs" variant="default" leftSection={<Download size={14} />}
          onClick={() => void exportAll()}>{t('export')}</Button>
        {mayEdit && <Button size="xs" leftSection={<Plus size={14} />}
          onClick={() => setSearch({ new: '1' })}>{t('newRule')}</Button>}
      </div>
      {chosenRules.length > 0 && <ChosenBar rules={chosenRules} shown={shown} mayEdit={mayEdit}
        onChoose={(ids) => setChosen(new Set(ids))} />}
      <div className={styles.rest}>
        {rules.data && all.length === 0 ? (
          <Empty title={t('emptyTitle')} text={t('emptyText')}
            action={mayEdit ? { label: t('startFrom'), run: () => setSearch({ new: '1' }) }
              : undefined}
            command="headworks rule import examples/waterworks/rules.json" />
        ) : (
          <DataTable rows={shown} columns={[choiceColumn(t, chosen, choose), ...columns]}
            rowKey={(rule) => rule.id} label={t('rules')}
            onOpen={open} />)}
      </div>
      {deleting && <DeleteRule rule={deleting} onClose={() => setDeleting(null)} />}
      {importing && <ImportRules onClose={() => setImporting(false)} />}
    </div>
  );
}

interface Acts {
  toggle: (rule: Rule) => void;
  open: (rule: Rule) => void;
  copy: (rule: Rule) => void;
  remove: (rule: Rule) => void;
}

function useColumns(mayEdit: boolean, acts: Acts): Column<Rule>[] {
  const t = words.use();
  return [
    { id: 'id', title: t('name'), sort: (rule) => rule.id, cell: (rule) => (
      <span className={styles.two} title={rule.description}>
        <span>{rule.id}</span>{rule.description && <small>{rule.description}</small>}
      </span>) },
    { id: 'state', title: t('state'), sort: (rule) => rule.status, width: 100,
      cell: (rule) => <RuleState rule={rule} /> },
    { id: 'in', title: t('in'), right: true, width: 116, cell: (rule) =>
      <Rate id={rule.id} of="in" /> },
    { id: 'passed', title: t('passed'), right: true, width: 76, cell: (rule) =>
      <Rate id={rule.id} of="passed" /> },
    { id: 'failed', title: t('failed'), right: true, width: 76, cell: (rule) =>
      <Rate id={rule.id} of="failed" /> },
    { id: 'latency', title: t('latency'), right: true, width: 84, cell: (rule) =>
      <Rate id={rule.id} of="latencyMs" /> },
    { id: 'error', title: t('lastError'), width: '12%', cell: (rule) => <LastError rule={rule} /> },
    { id: 'tags', title: t('tags'), width: '10%', sort: (rule) => rule.tags.join(),
      cell: (rule) => (
      <span className={styles.tags} title={rule.tags.join(', ')}>
        {rule.tags.map((tag) => <span key={tag} className={styles.tag}>{tag}</span>)}
      </span>) },
    { id: 'version', title: t('version'), right: true, width: 62, sort: (rule) => rule.version,
      cell: (rule) => rule.version },
    { id: 'acts', title: '', width: 86, cell: (rule) => (
      <span className={styles.spark} onClick={(event) => event.stopPropagation()}>
        <Switch size="xs" checked={rule.enable} disabled={!mayEdit}
          aria-label={`${t(rule.enable ? 'disable' : 'enable')} ${rule.id}`}
          onChange={() => acts.toggle(rule)} />
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm"
              aria-label={t('more', { id: rule.id })}><EllipsisVertical size={15} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Pencil size={14} />} onClick={() => acts.open(rule)}>
              {t('open')}</Menu.Item>
            {mayEdit && <Menu.Item leftSection={<Copy size={14} />}
              onClick={() => acts.copy(rule)}>{t('copyRule')}</Menu.Item>}
            <Menu.Item leftSection={<Download size={14} />} onClick={() =>
              saveFile(`${rule.id}.json`, JSON.stringify({ rules: [specOf(rule)] }, null, 2))}>
              {t('exportOne')}</Menu.Item>
            {mayEdit && <Menu.Item leftSection={<Trash2 size={14} />} color="var(--hw-alarm)"
              onClick={() => acts.remove(rule)}>{t('delete')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      </span>) },
  ];
}
