/** Frames of the terminal's WebSocket: one byte for the channel, then its bytes. */

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, control: 3 } as const;

/** JSON of channel 3, in both directions (docs/reference/api.md). */
export type Control = Record<string, unknown>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function frame(channel: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(payload.length + 1);
  bytes[0] = channel;
  bytes.set(payload, 1);
  return bytes;
}

export function inputFrame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return frame(CHANNEL.stdin, bytes);
}

/** What was typed. */
export function textOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Input that is bytes already (mouse reports of old protocols are not UTF-8). */
export function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0) & 0xff);
}

export function controlFrame(control: Control): Uint8Array<ArrayBuffer> {
  return frame(CHANNEL.control, encoder.encode(JSON.stringify(control)));
}

export type ServerFrame =
  { kind: "output"; bytes: Uint8Array } | { kind: "control"; control: Control } | { kind: "unknown" };

export function readFrame(data: ArrayBuffer): ServerFrame {
  const bytes = new Uint8Array(data);
  const payload = bytes.subarray(1);
  switch (bytes[0]) {
    case CHANNEL.stdout:
    case CHANNEL.stderr:
      return { kind: "output", bytes: payload };
    case CHANNEL.control:
      return readControl(decoder.decode(payload));
    default:
      return { kind: "unknown" };
  }
}

function readControl(text: string): ServerFrame {
  try {
    const control: unknown = JSON.parse(text);
    if (typeof control === "object" && control !== null && !Array.isArray(control)) {
      return { kind: "control", control: control as Control };
    }
  } catch {
    // A control message that is not JSON comes from a server of another version; it is not for us.
  }
  return { kind: "unknown" };
}
