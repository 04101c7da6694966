/** The records of the API under the names that the pages use. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Workspace = Schemas["Workspace"];
export type Phase = Schemas["Phase"];
export type WorkspaceCreate = Schemas["WorkspaceCreate"];
export type WorkspacePage = Schemas["WorkspacePage"];
export type Source = Workspace["source"];
export type App = Schemas["App"];
export type Span = Schemas["Span"];
export type Why = Schemas["Why"];
export type WorkspaceEvent = Schemas["Event"];
export type LogStream = Schemas["LogStream"];
export type Session = Schemas["Session"];
export type Server = Schemas["Server"];
export type GitCredential = Schemas["GitCredential"];
export type ProblemDocument = Schemas["Problem"];
