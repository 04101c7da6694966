/** Types of our API out of docs/reference/openapi.json: `npm run api` writes them, `npm run api -- --check` compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/reference/openapi.json", import.meta.url);
// A member with a default may be left out of a request.
const OPTIONS = { defaultNonNullable: false };
const target = fileURLToPath(new URL("../src/api/schema.d.ts", import.meta.url));

const text = `// Generated from docs/reference/openapi.json by \`npm run api\`; changes here are lost.\n\n${astToString(await openapiTS(source, OPTIONS))}`;

if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("src/api/schema.d.ts is not current: run `npm run api` in web/.");
  process.exit(1);
}
