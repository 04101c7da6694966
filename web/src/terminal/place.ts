/** Where this page is in a terminal's output and in its own input: what it keeps to lose nothing and repeat nothing.
 *
 * The rules are in docs/reference/api.md, why in ADR 0018; src/carrel/cli/terminal_place.py is the same for `carrel attach`.
 */

/** Output after which the terminal is told that it arrived, without waiting. */
export const ACKNOWLEDGE_BYTES = 64 * 1024;
/** Input that is kept until the terminal has taken it; more is refused. */
export const INPUT_LIMIT = 1024 * 1024;

/** The server's first words on a connection. */
export interface Greeting {
  /** Of the first byte of output that follows. */
  offset: number;
  /** Bytes of this viewer's input that the terminal has taken. */
  typed: number;
  /** The terminal knows this viewer. */
  known: boolean;
  cols?: number;
  rows?: number;
  attached?: number;
}

export class TerminalPlace {
  readonly viewer = newViewer();
  /** Offset of the first byte of output that has not come; -1: none has. */
  seen = -1;
  private told = -1;
  private pending: Uint8Array<ArrayBuffer>[] = [];
  private pendingBytes = 0;
  /** Bytes of input before `pending`. */
  private taken = 0;
  /** Bytes of input that this connection has; undefined before its greeting. */
  private sent: number | undefined;
  private wasThere = false;

  get isAttached(): boolean {
    return this.sent !== undefined;
  }

  /** Whether input waits to be taken. */
  get hasPending(): boolean {
    return this.pendingBytes > 0;
  }

  /** A new connection: nothing is sent before the greeting. */
  connected(): void {
    this.sent = undefined;
  }

  /** Take the greeting; whether output goes on where it was (else it begins anew). */
  greet(greeting: Greeting): boolean {
    const goesOn = greeting.offset === this.seen;
    this.seen = this.told = greeting.offset;
    if (greeting.known) {
      this.took(greeting.typed);
    } else if (this.wasThere) {
      // It has forgotten us: whether this was typed nobody knows, and twice is worse than not at all.
      this.pending = [];
      this.pendingBytes = 0;
      this.taken = 0;
    }
    this.sent = this.taken;
    this.wasThere = true;
    return goesOn;
  }

  /** The terminal has taken so many bytes of this viewer's input. */
  took(typed: number): void {
    let count = Math.min(Math.max(typed - this.taken, 0), this.pendingBytes);
    this.taken += count;
    this.pendingBytes -= count;
    while (count > 0) {
      const first = this.pending[0];
      if (first === undefined) return;
      if (first.length <= count) {
        this.pending.shift();
        count -= first.length;
      } else {
        this.pending[0] = first.slice(count);
        return;
      }
    }
  }

  /** Input, kept until it was taken; false where too much is kept already. */
  type(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.pendingBytes + bytes.length > INPUT_LIMIT) return false;
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    return true;
  }

  /** Input to be sent now; nothing before the greeting. */
  pull(): Uint8Array<ArrayBuffer> {
    if (this.sent === undefined) return new Uint8Array(0);
    const all = new Uint8Array(this.pendingBytes);
    let at = 0;
    for (const piece of this.pending) {
      all.set(piece, at);
      at += piece.length;
    }
    const unsent = all.subarray(this.sent - this.taken);
    this.sent += unsent.length;
    return unsent;
  }

  /** Output came. */
  received(count: number): void {
    this.seen += count;
  }

  /** Whether there is output that the terminal was not told to have arrived. */
  get owesAcknowledgement(): boolean {
    return this.isAttached && this.seen > this.told;
  }

  /** Whether it has to be told at once. */
  get isDue(): boolean {
    return this.isAttached && this.seen - this.told >= ACKNOWLEDGE_BYTES;
  }

  /** The control message that tells it. */
  acknowledge(): { seen: number } {
    this.told = this.seen;
    return { seen: this.seen };
  }
}

/** An id that nobody guesses. (`crypto.randomUUID` is absent on pages without TLS.) */
function newViewer(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
