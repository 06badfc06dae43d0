import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react';

// The editors come when they are needed; until then their place is kept. What a page needs beside
// them (the theme, places of flaws) it takes from the files here, in parts that come late as well.
const Json = lazy(() => import('./JsonEditor'));
const Sides = lazy(() => import('./SidesView'));

const Wait = () => <div style={{ minHeight: 120 }} />;

export const JsonText = (props: ComponentProps<typeof Json>): ReactNode => (
  <Suspense fallback={<Wait />}><Json {...props} /></Suspense>
);

export const SidesText = (props: ComponentProps<typeof Sides>): ReactNode => (
  <Suspense fallback={<Wait />}><Sides {...props} /></Suspense>
);
