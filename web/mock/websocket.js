/** A WebSocket with a pretended shell behind it (RFC 6455, just what the terminal page uses). */
import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PROMPT = "\x1b[1;32mana@blog\x1b[0m:\x1b[34m/workspaces/blog\x1b[0m$ ";

function frame(opcode, payload) {
  const header = payload.length < 126 ? Buffer.from([0x80 | opcode, payload.length]) : Buffer.alloc(4);
  if (payload.length >= 126) {
    header[0] = 0x80 | opcode;
    header[1] = 126;
    header.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([header, payload]);
}

function* unframe(buffer) {
  let at = 0;
  while (at + 6 <= buffer.length) {
    const opcode = buffer[at] & 0x0f;
    const length = buffer[at + 1] & 0x7f;
    const wide = length === 126;
    const size = wide ? buffer.readUInt16BE(at + 2) : length;
    const maskAt = at + (wide ? 4 : 2);
    const payload = buffer
      .subarray(maskAt + 4, maskAt + 4 + size)
      .map((byte, index) => byte ^ buffer[maskAt + (index % 4)]);
    yield { opcode, payload };
    at = maskAt + 4 + size;
  }
}

export function shell(request, socket) {
  const accept = createHash("sha1")
    .update(request.headers["sec-websocket-key"] + GUID)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const print = (text) => socket.write(frame(2, Buffer.concat([Buffer.from([1]), Buffer.from(text)])));
  let line = "";
  print(`Welcome to \x1b[1mblog\x1b[0m, \x1b[38;2;255;140;0mtrue colour\x1b[0m included.\r\n${PROMPT}`);
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    for (const { opcode, payload } of unframe(data)) {
      if (opcode === 8) return socket.end();
      if (opcode !== 2 || payload[0] !== 0) continue;
      for (const character of payload.subarray(1).toString()) {
        if (character === "\r") {
          const answer =
            line === "ls"
              ? "package.json  \x1b[1;34msrc\x1b[0m\r\n"
              : line
                ? `${line}: a mock knows only ls\r\n`
                : "";
          if (line === "exit") {
            socket.write(frame(2, Buffer.concat([Buffer.from([3]), Buffer.from('{"exit":{"status":0}}')])));
            return socket.end(frame(8, Buffer.from([0x03, 0xe8])));
          }
          print(`\r\n${answer}${PROMPT}`);
          line = "";
        } else if (character === "\x7f") {
          if (line) print("\b \b");
          line = line.slice(0, -1);
        } else {
          line += character;
          print(character);
        }
      }
    }
    return undefined;
  });
}
