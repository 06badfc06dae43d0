import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { usePrefs } from '~/lib/prefs';
import { useSessionOfTabs } from '~/lib/session';
import { theme } from '~/theme';
import { NotFound } from './NotFound';
import { lazyPage, loadedPages } from './pages';
import { PageFault } from './PageFault';
import { Shell } from './Shell';
import { Loading } from './Loading';
import { words } from './words';

const SignIn = lazyPage(() => import('~/pages/sign-in'));
const Setup = lazyPage(() => import('~/pages/setup'));
const Notices = lazy(() => import('./Notices'));

const framed = (page: ReactNode) => <Suspense fallback={<Loading />}>{page}</Suspense>;

const router = createBrowserRouter([
  { path: '/login', element: framed(<SignIn />), errorElement: <PageFault /> },
  { path: '/setup', element: framed(<Setup />), errorElement: <PageFault /> },
  {
    path: '/',
    element: <Shell />,
    errorElement: <PageFault />,
    children: [
      ...loadedPages.map(({ path, Page }) => ({
        path: path === '/' ? undefined : `${path}/*`,
        index: path === '/' || undefined,
        element: framed(<Page />),
        errorElement: <PageFault />,
      })) as { path: string }[],
      { path: '*', element: <NotFound /> },
    ],
  },
]);

// The server names the nonce of its policy in the page.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
// What the windows' scroll lock asks for (get-nonce), as it writes a style element of its own.
Object.assign(globalThis, { __webpack_nonce__: nonce });

export function App({ client }: { client: QueryClient }): ReactNode {
  useSessionOfTabs(client);
  const scheme = usePrefs((prefs) => prefs.scheme);
  const t = words.use();
  // What Mantine would say in English only.
  const spoken = useMemo(() => ({ ...theme, components: { ...theme.components,
    PasswordInput: { defaultProps: {
      visibilityToggleButtonProps: { 'aria-label': t('showPassword') } } } } }), [t]);
  return (
    <MantineProvider
      theme={spoken}
      defaultColorScheme="dark"
      forceColorScheme={scheme === 'auto' ? undefined : scheme}
      getStyleNonce={nonce ? () => nonce : undefined}
    >
      <QueryClientProvider client={client}>
        <Suspense><Notices /></Suspense>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
