// A real OpenID Connect provider (oidc-provider) on a free port of loopback. Its control is a line of JSON on stdin for
// each change: `clients`, `people` (claims by login name), `rotate`. It answers each with a line on stdout.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const state = { clients: [], people: {}, keys: [newKey()] };
let answer = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));

function newKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: randomBytes(6).toString("hex") };
}

function configure(issuer) {
  const provider = new Provider(issuer, {
    clients: state.clients.map((client) => ({ id_token_signed_response_alg: "ES256", ...client })),
    jwks: { keys: state.keys },
    cookies: { keys: ["of-a-test"] },
    claims: {
      openid: ["sub"],
      profile: ["preferred_username", "name"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    scopes: ["openid", "profile", "email", "groups"],
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...state.people[id] }) }),
  });
  answer = provider.callback();
}

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  configure(issuer);
  console.log(JSON.stringify({ issuer }));
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { rotate, ...change } = JSON.parse(line);
    Object.assign(state, change);
    if (rotate) state.keys = [newKey()];
    configure(issuer);
    console.log(JSON.stringify({ kid: state.keys[0].kid }));
  }).on("close", () => process.exit(0));
});
