/** Server-sent events out of text, in chunks as they come (WHATWG HTML, "Interpreting an event stream"). */

export interface ServerSentEvent {
  id: string;
  event: string;
  data: string;
}

export class SseParser {
  /** The id to resume after. */
  lastId = "";
  /** The server's wish for the delay before a reconnect. */
  retryMs: number | undefined;
  private rest = "";
  private event = "";
  private data: string[] = [];
  private skipLineFeed = false;

  /** The events that `chunk` completes. */
  push(chunk: string): ServerSentEvent[] {
    let text = chunk;
    if (this.skipLineFeed && text !== "") {
      if (text.startsWith("\n")) text = text.slice(1);
      this.skipLineFeed = false;
    }
    // A CR that ends the chunk ends its line too; a LF that follows in the next chunk belongs to it.
    if (text.endsWith("\r")) this.skipLineFeed = true;
    const lines = (this.rest + text).split(/\r\n|\r|\n/);
    this.rest = lines.pop() ?? "";
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): ServerSentEvent | undefined {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.lastId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  private dispatch(): ServerSentEvent | undefined {
    const event = { id: this.lastId, event: this.event || "message", data: this.data.join("\n") };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? undefined : event;
  }
}
