import { Button, Group, Modal, Switch, Tabs, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Save } from 'lucide-react';
import {
  lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode,
} from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { PageFrame, ProblemAlert } from '~/ui';
import {
  createRule, isConflict, readRule, refreshRules, saveRule, specOf, useFunctions, useSchemas,
  useStreams, type Rule, type RuleSpec,
} from '../data';
import { say } from '../notify';
import { RuleState } from '../RuleList';
import styles from '../rules.module.css';
import { words } from '../words';
import { ActionsPane } from './ActionsPane';
import { membersOf } from './complete';
import { Conflict } from './Conflict';
import { DryRun } from './DryRun';
import type { Span } from './locate';
import { OptionsPane } from './OptionsPane';
import SqlEditor from './SqlEditor';
import { useChecked, type Checked } from './useChecked';
import { useDraft, useGuard } from './useDraft';
import { VersionsPane } from './VersionsPane';

const FlowPane = lazy(() => import('../flow/FlowPane'));

const panes = ['test', 'flow', 'versions', 'options'] as const;

function Verdict({ checked, onShow }: { checked: Checked; onShow: () => void }): ReactNode {
  const t = words.use();
  const { state, flaw, why } = checked;
  return (
    <div className={styles.verdict} data-state={state} role="status" aria-live="polite">
      {state === 'checking' && t('checking')}
      {state === 'sound' && `✓ ${t('valid')}`}
      {state === 'unknown' && t('noAnswer', { why })}
      {state === 'flawed' && flaw && (
        <>
          <button type="button" onClick={onShow}>
            ■ {t('place', { line: flaw.line, column: flaw.column })}</button>
          <span>{flaw.text}</span>
        </>)}
    </div>
  );
}

// Saving: a new rule is made; a known one goes over the version it was read as, and nothing else.
function useSaving(start: Rule | null, spec: RuleSpec, settle: (spec: RuleSpec) => void) {
  const client = useQueryClient();
  const [saved, setSaved] = useState(start);
  const [error, setError] = useState<unknown>(null);
  const [theirs, setTheirs] = useState<Rule | null>(null);
  const [busy, setBusy] = useState(false);
  const done = (rule: Rule) => {
    setSaved(rule);
    settle(specOf(rule));
    setError(null);
    setTheirs(null);
    void refreshRules(client);
    void client.invalidateQueries({ queryKey: ['versions', rule.id] });
  };
  const save = async (over = saved?.version) => {
    if (busy) return;
    setBusy(true);
    try {
      const rule = over === undefined ? await createRule(spec) : await saveRule(spec, over);
      done(rule);
      say(words.now('saved', { version: rule.version }));
    } catch (problem) {
      if (isConflict(problem)) setTheirs(await readRule(spec.id).catch(() => null));
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { saved, error, theirs, busy, save, done, dismiss: () => setTheirs(null) };
}

export function RuleEditor({ start, saved: first, mayEdit }: {
  start: RuleSpec; saved: Rule | null; mayEdit: boolean;
}): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const [search, setSearch] = useSearchParams();
  const { spec, dirty, change, settle } = useDraft(start);
  const saving = useSaving(first, spec, settle);
  const { saved } = saving;
  const guard = useGuard(dirty);
  const checked = useChecked(spec.sql, spec.options);
  const [reveal, setReveal] = useState<(Span & { turn: number }) | null>(null);
  const [sample, setSample] = useState<unknown[]>([]);
  const run = useRef<() => void>(() => undefined);
  const functions = useFunctions().data;
  const streams = useStreams().data;
  const schemas = useSchemas().data;
  const sources = useMemo(() => ({
    functions: functions ?? [], streams: streams ?? [],
    schemas: (schemas ?? []).map((one) => one.name),
    members: [...new Set(sample.flatMap((one) => membersOf(one)))],
  }), [functions, streams, schemas, sample]);
  const pane = panes.find((one) => one === search.get('tab')) ?? 'test';
  const show = useCallback((tab: string | null) => setSearch((old) => {
    const next = new URLSearchParams(old);
    next.set('tab', tab ?? 'test');
    return next;
  }, { replace: true }), [setSearch]);
  // A new rule has its own address once it is there.
  const isNew = search.get('rule') === null;
  useEffect(() => {
    if (isNew && saved && !dirty)
      void go(`/rules?rule=${encodeURIComponent(saved.id)}`, { replace: true });
  }, [isNew, saved, dirty, go]);
  const save = () => {
    if (mayEdit && (dirty || !saved)) void saving.save();
  };
  const dryRun = () => {
    show('test');
    window.setTimeout(() => run.current(), 0);
  };
  const point = (span: Span) => setReveal((old) => ({ ...span, turn: (old?.turn ?? 0) + 1 }));
  return (
    <PageFrame plain title={saved?.id ?? t('newRule')} actions={
      <Group gap="xs">
        {saved && <RuleState rule={saved} />}
        {dirty && <span className="hw-dim">● {t('unsaved')}</span>}
        <Switch size="xs" label={t('enabledSwitch')} checked={spec.enable} disabled={!mayEdit}
          onChange={(event) => change({ enable: event.currentTarget.checked })} />
        <Button size="xs" variant="default" leftSection={<ArrowLeft size={14} />}
          onClick={() => void go('/rules')}>{t('back')}</Button>
        <Button size="xs" leftSection={<Save size={14} />} loading={saving.busy}
          title={mayEdit ? t('keysHelp') : t('readOnly')}
          disabled={!mayEdit || !spec.id || (Boolean(saved) && !dirty)} onClick={save}>
          {saved ? t('save') : t('create')}</Button>
      </Group>
    }>
      <div className={styles.editor} onKeyDown={(event) => {
        if (!(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
        if (event.key === 's') save();
        else if (event.key === 'Enter') dryRun();
        else return;
        event.preventDefault();
      }}>
        <div className={styles.left}>
          <div className={styles.meta}>
            <TextInput size="xs" label={t('idLabel')} value={spec.id} readOnly={Boolean(saved)}
              placeholder={t('idHelp')} maxLength={128} required
              error={/^[\w.:-]*$/.test(spec.id) ? undefined : t('idHelp')}
              onChange={(event) => change({ id: event.currentTarget.value })} />
            <TextInput size="xs" label={t('description')} value={spec.description}
              onChange={(event) => change({ description: event.currentTarget.value })} />
            <TagsInput className={styles.wide} size="xs" aria-label={t('tags')} value={spec.tags}
              placeholder={spec.tags.length ? '' : t('tags')}
              onChange={(tags) => change({ tags })} />
          </div>
          <SqlEditor text={spec.sql} onChange={(sql) => change({ sql })} flaw={checked.flaw}
            sources={sources} reveal={reveal} label={t('sqlLabel')} readOnly={!mayEdit}
            onRun={dryRun} onSave={save} />
          <Verdict checked={checked} onShow={() => {
            if (checked.flaw) setReveal(spanOfFlaw(spec.sql, checked.flaw, reveal?.turn ?? 0));
          }} />
          <div className={styles.below}>
            {Boolean(saving.error) && <ProblemAlert error={saving.error} />}
            <ActionsPane title={t('actions')} help={t('templatesHelp')}
              none={t('noActions')} actions={spec.actions}
              onChange={(actions) => change({ actions })}
              mayEdit={mayEdit} />
          </div>
        </div>
        <div className={styles.right}>
          <Tabs value={pane} onChange={show} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="test">{t('dryRun')}</Tabs.Tab>
              <Tabs.Tab value="flow">{t('flow')}</Tabs.Tab>
              <Tabs.Tab value="versions" disabled={!saved}>{t('versions')}</Tabs.Tab>
              <Tabs.Tab value="options">{t('options')}</Tabs.Tab>
            </Tabs.List>
          </Tabs>
          {/* What was typed and what came out stay while other panes are looked at. */}
          <div className={styles.scroll} hidden={pane !== 'test'}>
            <DryRun spec={spec} operators={checked.operators} runRef={run} onSample={setSample} />
          </div>
          {pane === 'flow' && (
            <Suspense>
              <FlowPane spec={spec} saved={saved} checked={checked} dirty={dirty}
                onPoint={point} />
            </Suspense>)}
          {pane === 'versions' && saved && (
            <div className={styles.scroll}>
              <VersionsPane saved={saved} spec={spec} mayEdit={mayEdit} dirty={dirty}
                onRolledBack={saving.done} />
            </div>)}
          {pane === 'options' && (
            <div className={styles.scroll}>
              <OptionsPane spec={spec} onChange={change} mayEdit={mayEdit} />
            </div>)}
        </div>
      </div>
      {saving.theirs && saved && (
        <Conflict mine={spec} myVersion={saved.version} theirs={saving.theirs}
          onClose={saving.dismiss} onTheirs={() => saving.theirs && saving.done(saving.theirs)}
          onMine={() => void saving.save(saving.theirs?.version)} />)}
      <Leaving guard={guard} id={spec.id} />
    </PageFrame>
  );
}

function spanOfFlaw(sql: string, flaw: { line: number; column: number }, turn: number) {
  const start = sql.split('\n').slice(0, flaw.line - 1)
    .reduce((sum, line) => sum + line.length + 1, 0) + flaw.column - 1;
  return { from: start, to: start, turn: turn + 1 };
}

function Leaving({ guard, id }: { guard: ReturnType<typeof useGuard>; id: string }): ReactNode {
  const t = words.use();
  return (
    <Modal opened={guard.state === 'blocked'} onClose={() => guard.reset?.()} centered
      title={t('leaveTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
      <p>{t('leaveText', { id: id || t('newRule') })}</p>
      <Group justify="flex-end">
        <Button data-autofocus onClick={() => guard.reset?.()}>{t('stay')}</Button>
        <Button variant="default" onClick={() => guard.proceed?.()}>{t('leave')}</Button>
      </Group>
    </Modal>
  );
}
