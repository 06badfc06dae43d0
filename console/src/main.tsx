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
import { ApiError } from './lib/api';

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

const root = document.getElementById('root');
if (root) createRoot(root).render(<App client={client} />);
