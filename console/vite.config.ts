import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const server = process.env.HEADWORKS_URL ?? 'http://127.0.0.1:18080';
const proxied = ['/api', '/metrics', '/livez', '/readyz', '/openapi.json', '/health'];

export default defineConfig({
  plugins: [react()],
  // Two servers of one node_modules must not share their prepared packages.
  cacheDir: process.env.HEADWORKS_VITE_CACHE,
  // The server writes a new one into each page it sends.
  html: { cspNonce: 'HEADWORKS_NONCE' },
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    outDir: process.env.HEADWORKS_CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    // The server's policy allows nothing inline, so small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
  },
  server: {
    // node_modules of a second work tree may be a link to those of the first.
    fs: { strict: false },
    proxy: Object.fromEntries([
      ...proxied.map((path) => [path, { target: server, changeOrigin: false, ws: true }]),
      ['/mqtt', { target: server, changeOrigin: false, ws: true }],
    ]),
  },
});
