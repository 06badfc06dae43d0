import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { getJson, query, type Schemas } from '~/lib/api';
import { usePrefs } from '~/lib/prefs';
import { zoneOf } from '~/lib/time';
import { languageNow } from '~/lib/words';
import { words as systemWords } from '~/pages/system/words';
import '~/styles';
import { ProblemAlert } from '~/ui/ProblemAlert';
import { fit, keepRecent, readRecent, type Found, type Kind } from './find';
import { later } from './later/words';
import { pages, placeOf, placeOfNote } from './pages';
import styles from './shell.module.css';
import { words } from './words';

interface Hit {
  kind: Kind;
  id: string;
  text: string;
  score: number;
  run: () => void;
}

const hitsLimit = 50;
const notesShown = 8;

// Search over everything that has a name, pages and actions. Up, down, Enter; Esc closes.
export default function Palette({ opened, onClose, keys, onCloseKeys }: {
  opened: boolean; onClose: () => void; keys: boolean; onCloseKeys: () => void;
}): ReactNode {
  const t = words.use();
  return (
    <>
      <Modal opened={opened} onClose={onClose} withCloseButton={false} size="lg" yOffset="8vh"
        title={t('palette')}
        styles={{ header: { display: 'none' }, body: { paddingTop: 'var(--mb-padding)' } }}>
        <PaletteBody onClose={onClose} />
      </Modal>
      <Modal opened={keys} onClose={onCloseKeys} title={t('keys')} size="sm"
        closeButtonProps={{ 'aria-label': t('close') }}>
        <dl className={styles.keys}>
          <dt><kbd>Ctrl</kbd><kbd>K</kbd></dt><dd>{t('keysPalette')}</dd>
          {pages.map(({ id, key }) => [
            <dt key={id}><kbd>g</kbd><kbd>{key}</kbd></dt>,
            <dd key={`${id}-text`}>{t('keysGo', { page: t(id) })}</dd>,
          ])}
          <dt><kbd>n</kbd></dt><dd>{t('keysNote')}</dd>
          <dt><kbd>[</kbd></dt><dd>{t('keysRail')}</dd>
          <dt><kbd>Esc</kbd></dt><dd>{t('keysEscape')}</dd>
          <dt><kbd>?</kbd></dt><dd>{t('keysHelp')}</dd>
        </dl>
      </Modal>
    </>
  );
}

const partsOfSystem = ['users', 'keys', 'account', 'settings', 'storage', 'audit', 'log',
  'about'] as const;

// What needs no server: pages and their parts, and what can be done.
function useOwnHits(): Hit[] {
  const t = words.use();
  const tl = later.use();
  const ts = systemWords.use();
  const go = useNavigate();
  const [, setSearch] = useSearchParams();
  const { scheme, language, units, railOpen, set } = usePrefs();
  return useMemo(() => {
    const hits: Hit[] = pages.map(({ id, path }) =>
      ({ kind: 'page', id, text: t(id), score: 0, run: () => void go(path) }));
    for (const tab of partsOfSystem)
      hits.push({ kind: 'page', id: `system/${tab}`, score: 0,
        text: `${t('system')}: ${ts(`tab_${tab}`)}`, run: () => void go(`/system?tab=${tab}`) });
    const act = (id: string, text: string, run: () => void) =>
      hits.push({ kind: 'action', id, text, score: 0, run });
    act('theme', `${t('theme')}: ${t(scheme === 'dark' ? 'light' : 'dark')}`,
      () => set({ scheme: scheme === 'dark' ? 'light' : 'dark' }));
    act('language', language === 'en' ? '语言：中文' : 'Language: English',
      () => set({ language: language === 'en' ? 'zh' : 'en' }));
    act('units', `${t('units')}: ${t(units === 'si' ? 'us' : 'si')}`,
      () => set({ units: units === 'si' ? 'us' : 'si' }));
    act('zone', `${t('zone')}: UTC`, () => set({ zone: 'UTC' }));
    act('zone_browser', `${t('zone')}: ${zoneOf('browser')}`, () => set({ zone: 'browser' }));
    act('rail', t(railOpen ? 'fold' : 'unfold'), () => set({ railOpen: !railOpen }));
    act('tv', t('tv'), () => setSearch((old) => {
      const next = new URLSearchParams(old);
      next.set('tv', '1');
      return next;
    }));
    act('link', tl('copyLink'), () => void navigator.clipboard?.writeText(location.href));
    act('print', tl('print'), () => window.setTimeout(() => window.print(), 300));
    return hits;
  }, [t, tl, ts, go, setSearch, scheme, language, units, railOpen, set]);
}

// With no text what was opened lately, then pages and actions; with one the best first, before
// what the server finds, which has its own order.
function useHits(text: string): { hits: Hit[]; asking: boolean; error: unknown } {
  const go = useNavigate();
  const own = useOwnHits();
  const plain = text.trim();
  const [wanted] = useDebouncedValue(plain, 120);
  const found = useQuery({
    queryKey: ['search', wanted, languageNow()],
    queryFn: ({ signal }) => getJson<{ items: Found[] }>(
      `/api/v1/search${query({
        q: wanted, limit: hitsLimit, language: languageNow() })}`, { signal }),
    enabled: wanted.length > 0,
    gcTime: 20_000,
    placeholderData: (old) => old,
  });
  const notes = useQuery({
    queryKey: ['palette-notes', wanted], enabled: wanted.length > 1, gcTime: 20_000,
    queryFn: ({ signal }) => getJson<Schemas['NoteList']>(
      `/api/v1/notes${query({ q: wanted, limit: notesShown })}`, { signal }),
    placeholderData: (old) => old,
  });
  const recent = useMemo(readRecent, []);
  const hits = useMemo(() => {
    const lately = recent.flatMap((one): Hit[] => {
      const mine = own.find((hit) => hit.kind === one.kind && hit.id === one.id);
      if (mine) return [mine];
      return one.kind === 'page' || one.kind === 'action' ? [] : [{ ...one, score: 0,
        run: () => void go(placeOf(one.kind, one.id)) }];
    });
    const rest = own.filter((one) => !lately.includes(one));
    if (!plain) return [...lately, ...rest];
    const scored = [...lately, ...rest].flatMap((hit) => {
      const score = Math.max(fit(hit.text, plain), fit(hit.id, plain) - 10);
      return score > 0 ? [{ ...hit, score: score + (lately.includes(hit) ? 15 : 0) }] : [];
    }).sort((left, right) => right.score - left.score);
    const known = new Set(scored.map((hit) => `${hit.kind} ${hit.id}`));
    for (const { kind, id, title } of found.data?.items ?? [])
      if (!known.has(`${kind} ${id}`))
        scored.push({ kind, id, score: 0, text: title && title !== id ? `${title} · ${id}` : id,
          run: () => void go(placeOf(kind, id)) });
    return [...scored, ...(notes.data?.items ?? []).map((note): Hit => ({
      kind: 'note', id: note.id, text: note.text.replace(/\s+/g, ' '), score: 0,
      run: () => void go(placeOfNote(note)) }))];
  }, [plain, found.data, notes.data, own, recent, go]);
  return { hits, asking: plain !== '' && (plain !== wanted || found.isPending),
    error: plain ? found.error : null };
}

function PaletteBody({ onClose }: { onClose: () => void }): ReactNode {
  const t = words.use();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const { hits, asking, error } = useHits(text);
  const at = Math.min(chosen, Math.max(0, hits.length - 1));
  const run = (hit: Hit | undefined) => {
    if (!hit) return;
    // A note has no address by its id, and lies at a time that passes.
    if (hit.kind !== 'note') keepRecent({ kind: hit.kind, id: hit.id, text: hit.text });
    onClose();
    hit.run();
  };
  const onKey = (event: KeyboardEvent) => {
    // An input method's Enter chooses its word.
    if (event.nativeEvent.isComposing) return;
    const last = hits.length - 1;
    if (event.key === 'ArrowDown') setChosen(at === last ? 0 : at + 1);
    else if (event.key === 'ArrowUp') setChosen(at === 0 ? last : at - 1);
    else if (event.key === 'PageDown') setChosen(Math.min(at + 10, last));
    else if (event.key === 'PageUp') setChosen(Math.max(at - 10, 0));
    else if (event.key === 'Enter') run(hits[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput data-autofocus placeholder={t('paletteHint')} aria-label={t('palette')}
        value={text} role="combobox" aria-expanded="true" aria-controls="palette-hits"
        aria-activedescendant={hits.length ? `hit-${at}` : undefined} autoComplete="off"
        spellCheck={false} maxLength={200}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey} />
      <div className={styles.hits} role="listbox" id="palette-hits" aria-label={t('palette')}>
        {hits.map((hit, i) => (
          <div key={`${hit.kind} ${hit.id}`} id={`hit-${i}`} role="option" aria-selected={i === at}
            className={styles.hit} onPointerMove={() => setChosen(i)} onClick={() => run(hit)}
            ref={i === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}>
            <span className={styles.kind}>{t(`kind_${hit.kind}`)}</span>
            <span className={styles.text} title={hit.text}>{hit.text}</span>
          </div>
        ))}
      </div>
      <div aria-live="polite">
        {error ? <ProblemAlert error={error} /> : hits.length === 0 && !asking
          && <p className="hw-dim">{t('nothingFound', { text: text.trim() })}</p>}
      </div>
    </>
  );
}
