import type { ReactNode } from 'react';
import { PageFrame } from '~/ui';

export default function Page(): ReactNode {
  return <PageFrame title="sign-in">…</PageFrame>;
}
