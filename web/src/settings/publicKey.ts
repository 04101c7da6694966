/** What people paste for a public key: the usual mistakes are told at once, the rest is the server's to decide. */

const LINE = /^(?:ssh-|ecdsa-|sk-)[\w@.-]+ [A-Za-z0-9+/]+={0,3}(?: .*)?$/;

/** What is wrong with a pasted key, or undefined. */
export function problemWithKey(text: string): string | undefined {
  const key = text.trim();
  if (key === "") return "Paste the public key.";
  if (key.includes("PRIVATE KEY"))
    return "That is the private key: keep it secret. Paste the file that ends with .pub.";
  if (key.includes("\n")) return "Paste one key: one line.";
  return LINE.test(key) ? undefined : "One line as in id_ed25519.pub: ssh-ed25519 AAAA… comment.";
}
