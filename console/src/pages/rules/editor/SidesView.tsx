import type { ReactNode } from 'react';
import { SidesText } from '~/ui/code';
import type { RuleSpec } from '../data';

// A rule as text that reads and compares well: the statement as it is, then the rest.
export const ruleText = (spec: RuleSpec): string => {
  const { sql, ...rest } = spec;
  return `${sql}\n\n${JSON.stringify(rest, null, 2)}\n`;
};

// Two rules beside each other, what differs marked.
export default function SidesView({ left, right, leftLabel, rightLabel }: {
  left: RuleSpec; right: RuleSpec; leftLabel: string; rightLabel: string;
}): ReactNode {
  return <SidesText plain left={ruleText(left)} right={ruleText(right)} leftLabel={leftLabel}
    rightLabel={rightLabel} />;
}
