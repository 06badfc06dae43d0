import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { isConflict } from '../data';
import { changesOf } from './draft';
import {
  checkScene, readScene, removeScene, saveScene, type Read, type RawScene, type SceneFlaw,
} from './data';

const stepsLimit = 200;
const sameStepMs = 800; // typing and nudging within it is one step back

export interface Draft {
  base: Read | null; // as it was read; null: there is none on the server
  scene: RawScene;
  past: RawScene[];
  future: RawScene[];
  saved: { before: RawScene | null; revision: number } | null; // the last save
}

interface Step { key: string; at: number }

// What was begun stays while one looks at other tabs and twins; a reload of the page drops it.
const kept = new Map<string, Draft>();

export const emptyScene = (): RawScene => ({ format: 'headworks-scene/1', up: 'y', nodes: [] });

const fresh = (read: Read): Draft =>
  ({ base: read, scene: read.scene, past: [], future: [], saved: null });

export function useDraft(site: string, exists: boolean) {
  const client = useQueryClient();
  const [draft, setDraftNow] = useState<Draft | null>(() => kept.get(site) ?? null);
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [step] = useState<Step>({ key: '', at: 0 });
  const read = useQuery({
    queryKey: ['twin-scene', site], queryFn: () => readScene(site), enabled: exists,
    staleTime: Infinity, gcTime: 0,
  });
  const setDraft = useCallback((next: Draft | null) => {
    if (next) kept.set(site, next);
    else kept.delete(site);
    setDraftNow(next);
  }, [site]);
  useEffect(() => {
    // What was begun is not thrown away by what comes from the server: that is told on saving.
    if (read.data && !kept.has(site)) setDraft(fresh(read.data));
  }, [read.data, site, setDraft]);
  const edit = useCallback((scene: RawScene, key = '') => {
    setDraftNow((old) => {
      if (!old || scene === old.scene) return old;
      const now = Date.now();
      const goesOn = key !== '' && key === step.key && now - step.at < sameStepMs
        && old.past.length > 0;
      Object.assign(step, { key, at: now });
      const next: Draft = {
        ...old, scene, future: [],
        past: goesOn ? old.past : [...old.past.slice(-stepsLimit + 1), old.scene],
      };
      kept.set(site, next);
      return next;
    });
  }, [site, step]);
  const walk = (from: 'past' | 'future') => {
    const scene = from === 'past' ? draft?.past.at(-1) : draft?.future[0];
    if (!draft || !scene) return;
    step.key = '';
    setDraft({
      ...draft, scene,
      past: from === 'past' ? draft.past.slice(0, -1) : [...draft.past, draft.scene],
      future: from === 'past' ? [draft.scene, ...draft.future] : draft.future.slice(1),
    });
  };
  const answered = async (saved: Draft['saved']) => {
    setDraft({ ...fresh(await readScene(site)), saved });
    setTheirs(null);
    setError(null);
    // The Plant page, too, shows it as it is now.
    await client.invalidateQueries({ predicate: ({ queryKey }) =>
      ['scenes', 'scene'].includes(String(queryKey[0])) });
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (failure) {
      setError(failure);
      if (isConflict(failure)) await readScene(site).then(setTheirs, setError);
    } finally {
      setBusy(false);
    }
  };
  const put = (scene: RawScene, etag: string | null, before: RawScene | null, undoable: boolean) =>
    attempt(async () => {
      const { revision } = await saveScene(site, scene, etag);
      await answered(undoable ? { before, revision: revision ?? 0 } : null);
    });
  return {
    draft, read, theirs, error, busy,
    dirty: draft !== null && (draft.base === null
      || changesOf(draft.base.scene, draft.scene).length > 0),
    edit,
    begin: (scene: RawScene) =>
      setDraft({ base: null, scene, past: [], future: [], saved: null }),
    undo: () => walk('past'),
    redo: () => walk('future'),
    reread: () => attempt(async () => {
      if (draft?.base === null) setDraft(null);
      else await answered(null);
    }),
    save: () => (draft
      ? put(draft.scene, draft.base?.etag ?? null, draft.base?.scene ?? null, true)
      : Promise.resolve()),
    // Takes back the last save: what was there before it, else nothing.
    unsave: () => attempt(async () => {
      if (!draft?.saved || !draft.base) return;
      if (draft.saved.before) {
        await saveScene(site, draft.saved.before, draft.base.etag);
        await answered(null);
      } else await drop(draft.base.etag);
    }),
    remove: () => (draft?.base ? attempt(() => drop(draft.base?.etag ?? '')) : Promise.resolve()),
    takeTheirs: () => {
      if (theirs) setDraft(fresh(theirs));
      setTheirs(null);
      setError(null);
    },
    // My changes stand upon what they saved; saving says so once more.
    rebase: (scene: RawScene) => {
      if (theirs) setDraft({ ...fresh(theirs), scene, past: [theirs.scene] });
      setTheirs(null);
      setError(null);
    },
  };

  async function drop(etag: string): Promise<void> {
    await removeScene(site, etag);
    setDraft(null);
    client.removeQueries({ queryKey: ['twin-scene', site] });
    await client.invalidateQueries({ predicate: ({ queryKey }) =>
      ['scenes', 'scene'].includes(String(queryKey[0])) });
  }
}

const checkAfterMs = 600;

// What the server says of the draft, when the editing rests.
export function useFlaws(site: string, scene: RawScene | undefined):
  { errors: SceneFlaw[]; warnings: SceneFlaw[]; more: number; error: unknown } {
  const [rested, setRested] = useState(scene);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(scene), checkAfterMs);
    return () => window.clearTimeout(timer);
  }, [scene]);
  const [count, setCount] = useState(0);
  useEffect(() => setCount((old) => old + 1), [rested]);
  const answer = useQuery({
    queryKey: ['twin-scene-check', site, count],
    queryFn: ({ signal }) => checkScene(site, rested ?? emptyScene(), signal),
    enabled: rested !== undefined && count > 0, gcTime: 0, placeholderData: (old) => old,
  });
  return {
    errors: answer.data?.errors ?? none, warnings: answer.data?.warnings ?? none,
    more: answer.data?.more ?? 0, error: answer.error,
  };
}
const none: SceneFlaw[] = [];
