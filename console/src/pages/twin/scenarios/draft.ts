import { durationMs, type Scenario, type ScenarioSpec } from './data';

// What is typed in the scenario's form, and what is wrong with it.
export interface DraftOverride {
  slot: string; // "twin path"
  value: string;
  from: string;
  to: string;
}

export interface Draft {
  id: string;
  name: string;
  site: string;
  start: string;
  horizon: string;
  step: string;
  parameters: string;
  overrides: DraftOverride[];
}

export type DraftFlaw = 'wantDuration' | 'siteNeeded' | 'wantSlot' | 'wantValue' | 'notJson';

export const draftOf = (one?: Scenario): Draft => ({
  id: one?.id ?? '', name: one?.name ?? '', site: one?.site ?? '', start: one?.start ?? 'now',
  horizon: one?.horizon ?? '24h', step: one?.step ?? '5m',
  parameters: one?.parameters && Object.keys(one.parameters).length
    ? JSON.stringify(one.parameters, null, 2) : '',
  overrides: (one?.overrides ?? []).map((each) => ({
    slot: `${each.twin} ${each.path}`, value: JSON.stringify(each.value),
    from: each.from ?? '', to: each.to ?? '',
  })),
});

function parameters(text: string): Record<string, unknown> | null {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

// A number, true, false, or JSON; else the text itself.
export function literal(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const slotOf = (text: string): { twin: string; path: string } | null => {
  const at = text.trim().lastIndexOf(' ');
  return at > 0 ? { twin: text.trim().slice(0, at).trim(), path: text.trim().slice(at + 1) } : null;
};

export function flawsOf(draft: Draft): Record<string, DraftFlaw> {
  const flaws: Record<string, DraftFlaw> = {};
  if (!draft.site) flaws.site = 'siteNeeded';
  if (!(durationMs(draft.horizon) > 0)) flaws.horizon = 'wantDuration';
  if (!(durationMs(draft.step) > 0)) flaws.step = 'wantDuration';
  if (!parameters(draft.parameters)) flaws.parameters = 'notJson';
  draft.overrides.forEach((one, index) => {
    if (!slotOf(one.slot)) flaws[`override${index}`] = 'wantSlot';
    else if (!one.value.trim()) flaws[`override${index}`] = 'wantValue';
  });
  return flaws;
}

export const specOf = (draft: Draft, before?: Scenario): ScenarioSpec => ({
  ...(draft.id.trim() ? { id: draft.id.trim() } : {}),
  name: draft.name.trim(), site: draft.site, start: draft.start.trim() || 'now',
  horizon: draft.horizon.trim(), step: draft.step.trim(), model: before?.model ?? 'waterworks',
  ...(before?.description ? { description: before.description } : {}),
  parameters: parameters(draft.parameters) ?? {},
  overrides: draft.overrides.map((one) => ({
    twin: slotOf(one.slot)?.twin ?? '', path: slotOf(one.slot)?.path ?? '',
    value: literal(one.value),
    ...(one.from.trim() ? { from: one.from.trim() } : {}),
    ...(one.to.trim() ? { to: one.to.trim() } : {}),
  })),
});
