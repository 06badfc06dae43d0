// What the shell itself shows; the rest comes with the first page (styles.ts).
import '@mantine/core/styles/baseline.layer.css';
import '@mantine/core/styles/default-css-variables.layer.css';
import '@mantine/core/styles/global.layer.css';
import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/Button.layer.css';
import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/Skeleton.layer.css';
import './theme.css';
import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { preloadPage } from './app/pages';
import { ApiError } from './lib/api';
import { sessionQuery } from './lib/session';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // What the server refused it refuses again; what did not reach it is tried once more.
      retry: (count, error) => count < 1 && !(error instanceof ApiError && error.status >= 400),
      staleTime: 5_000,
    },
  },
});

// Page and session are asked for at once, not one after the other.
preloadPage(window.location.pathname);
void client.prefetchQuery(sessionQuery);

const root = document.getElementById('root');
if (root) createRoot(root).render(<App client={client} />);
