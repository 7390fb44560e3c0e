import { defineConfig } from 'vite';

/** The renderer as static files with relative addresses: the same build is served over HTTP and by `app://`. */
export default defineConfig({
  root: 'renderer',
  base: './',
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome117',
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rollupOptions: {
      onwarn(warning, warn) {
        // Marks for React servers, without meaning here.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
