/** The records of the API under the names that the pages use. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Workspace = Schemas["Workspace"];
export type Phase = Schemas["Phase"];
export type Source = Workspace["source"];
export type App = Schemas["App"];
export type Span = Schemas["Span"];
export type Why = Schemas["Why"];
export type WorkspaceEvent = Schemas["Event"];
export type LogLine = Schemas["LogLine"];
export type Session = Schemas["Session"];
export type Server = Schemas["Server"];
export type GitCredential = Schemas["GitCredential"];
export type ProblemDocument = Schemas["Problem"];
