/** Problems as the server tells them (RFC 9457), and what becomes of failures that never reached it. */
import type { ProblemDocument } from "./types";

export class Problem extends Error {
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument) {
    super(document.detail ?? document.title);
    this.name = "Problem";
    this.document = document;
  }

  get kind() {
    return this.document.kind;
  }

  get status() {
    return this.document.status;
  }
}

const UNREACHABLE: ProblemDocument = {
  kind: "unreachable",
  title: "Carrel does not answer",
  status: 0,
  hint: "Check that the server runs (`carrel server`) and that you are connected. What runs in workspaces is not affected.",
};

/** The problem in anything that was thrown. */
export function asProblem(error: unknown): ProblemDocument {
  if (error instanceof Problem) return error.document;
  // fetch rejects with a TypeError when no answer came at all.
  if (error instanceof TypeError) return UNREACHABLE;
  return {
    kind: "page_failed",
    title: "This page failed",
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    hint: "Reload the page. If it happens again, please report it.",
  };
}

/** The problem in the body of an answer that was not a success. */
export function problemFromAnswer(body: unknown, response: Response): ProblemDocument {
  if (typeof body === "object" && body !== null && "kind" in body && "title" in body) {
    return { ...(body as ProblemDocument), status: response.status };
  }
  if (response.status === 502 || response.status === 503 || response.status === 504) return UNREACHABLE;
  return {
    kind: "unexpected_answer",
    title: `The server answered ${response.status}`,
    status: response.status,
    hint: "The server's log has the details.",
  };
}
