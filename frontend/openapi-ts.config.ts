// Types and calls from the backend's own schema (`python -m app openapi > frontend/openapi.json`), so the two cannot drift apart.
import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "./openapi.json",
  output: { path: "src/client" },
  plugins: ["@hey-api/typescript"],
});
