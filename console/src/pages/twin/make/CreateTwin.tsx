import type { ReactNode } from 'react';

export function CreateTwin(_: { onClose: () => void; onMade: (id: string) => void }): ReactNode {
  return null;
}
