import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { ApiError, getJson, query } from '~/lib/api';
import type { Page, PointInfo } from '~/lib/points';
import { Empty, PageFrame, ProblemAlert } from '~/ui';
import { freeId, readRule, specOf, useRules, type RuleSpec } from '../data';
import { forPoint, fromTemplate, templateIds, type TemplateId } from '../templates';
import { words } from '../words';
import { RuleEditor } from './RuleEditor';
import { Templates } from './Templates';

const pointInfo = async (path: string): Promise<PointInfo | undefined> =>
  (await getJson<Page<PointInfo>>(`/api/v1/points${query({ filter: path, limit: 1 })}`)).items[0];

// What a new rule begins with: a point from elsewhere, a copy, or nothing yet.
async function beginning(
  point: string | null, template: string | null, copyOf: string | null, taken: Set<string>,
): Promise<RuleSpec | null> {
  if (copyOf) {
    const spec = specOf(await readRule(copyOf));
    return { ...spec, id: freeId(spec.id, taken), enable: false };
  }
  if (!point) return null;
  const known = templateIds.find((id) => id === template) as TemplateId | undefined;
  const info = known ? await pointInfo(point) : undefined;
  return known && info ? fromTemplate(known, info) : forPoint(point);
}

// The rule of the address, or a new one.
export default function OpenRule({ id, point, template, copyOf, mayEdit }: {
  id: string | null; point: string | null; template: string | null; copyOf: string | null;
  mayEdit: boolean;
}): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const rules = useRules();
  const [chosen, setChosen] = useState<RuleSpec | null>(null);
  const rule = useQuery({
    queryKey: ['rule', id], enabled: id !== null, retry: false, staleTime: 0, gcTime: 0,
    queryFn: ({ signal }) => readRule(id ?? '', signal), refetchOnWindowFocus: false,
  });
  const start = useQuery({
    queryKey: ['new-rule', point, template, copyOf], enabled: id === null && rules.isSuccess,
    gcTime: 0, refetchOnWindowFocus: false,
    queryFn: () => beginning(point, template, copyOf,
      new Set((rules.data ?? []).map((one) => one.id))),
  });
  const problem = rule.error ?? start.error;
  if (problem instanceof ApiError && problem.status === 404 && id)
    return (
      <PageFrame title={t('rules')}>
        <Empty title={t('notFound', { id })} text={problem.message}
          action={{ label: t('back'), run: () => void go('/rules') }} />
      </PageFrame>);
  if (problem)
    return <PageFrame title={t('rules')}><ProblemAlert error={problem} /></PageFrame>;
  if (id !== null)
    return rule.data
      ? <RuleEditor start={specOf(rule.data)} saved={rule.data} mayEdit={mayEdit} />
      : <PageFrame title={id}> </PageFrame>;
  const spec = chosen ?? start.data;
  if (spec) return <RuleEditor start={spec} saved={null} mayEdit={mayEdit} />;
  if (start.isSuccess) return <Templates onChoose={setChosen} />;
  return <PageFrame title={t('newRule')}> </PageFrame>;
}
