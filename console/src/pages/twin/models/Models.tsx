import type { ReactNode } from 'react';

export function Models(): ReactNode {
  return null;
}
