// Builds the one small script that a customer's web page embeds: dist/widget.js, no framework, no module loader.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2020",
    outDir: "dist",
    emptyOutDir: false,
    lib: {
      entry: fileURLToPath(new URL("./widget/loader.ts", import.meta.url)),
      formats: ["iife"],
      name: "MikawayaLoader",
      fileName: () => "widget.js",
    },
  },
});
