/** One key for one wish: sending the same request again, after a lost answer or a double click, makes nothing twice. */

export class IdempotencyKeys {
  private request = "";
  private key = "";

  /** The key for `request`: the same until the request is another one. */
  keyFor(request: unknown): string {
    const text = JSON.stringify(request);
    if (text !== this.request || this.key === "") {
      this.request = text;
      this.key = randomKey();
    }
    return this.key;
  }
}

function randomKey(): string {
  // crypto.randomUUID exists only on secure origins; a server in the local network may be reached by plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
