import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The chat's frame is its own entry: a visitor never loads the desk.
const entries = [here("./index.html"), here("./widget/frame.html")].filter((path) => existsSync(path));
const backend = process.env["MIKAWAYA_BACKEND"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": here("./src") } },
  // Full-runtime options API and devtools are not used; the flags let the bundler drop them.
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets",
    emptyOutDir: true,
    reportCompressedSize: true,
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: entries },
  },
  server: {
    proxy: {
      "/api": { target: backend, changeOrigin: false },
      "/live": { target: backend, ws: true },
      "/chat": { target: backend, ws: true },
      "/demo": { target: backend },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "widget/**/*.test.ts"],
  },
});
