import { expect, test } from "vitest";
import { problemWithKey } from "./publicKey";

test.each([
  "ssh-ed25519 AAAAC3Nza ana@laptop",
  " ssh-rsa AAAAB3Nz\n",
  "sk-ssh-ed25519@openssh.com AAAAG== x",
])("%j may be a key", (text) => {
  expect(problemWithKey(text)).toBeUndefined();
});

test.each([
  ["", /Paste/],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\nabc", /private key/],
  ["ssh-ed25519 AAAA a\nssh-ed25519 AAAA b", /one line/],
  ["ed25519", /id_ed25519.pub/],
])("%j is refused with a reason", (text, reason) => {
  expect(problemWithKey(text)).toMatch(reason);
});
