import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.CARREL_SERVER ?? "http://127.0.0.1:7071";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    license: { fileName: "licenses/packages.md" },
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: "127.0.0.1",
    port: 7072,
    proxy: { "/api": { target: server, ws: true }, "/login": server, "/cli-login": server },
  },
  test: {
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], environment: "node" } },
      {
        extends: true,
        test: {
          name: "pages",
          include: ["src/**/*.test.tsx"],
          environment: "jsdom",
          setupFiles: ["src/test/browser.ts"],
          css: false,
        },
      },
    ],
  },
});
