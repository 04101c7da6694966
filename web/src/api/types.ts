/** The records of the API under the names that the pages use. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Workspace = Schemas["Workspace"];
export type WorkspaceCreate = Schemas["WorkspaceCreate"];
export type WorkspacePage = Schemas["WorkspacePage"];
export type WorkspaceProblem = Schemas["WorkspaceProblem"];
export type Source = Workspace["source"];
export type Phase = Schemas["Phase"];
export type App = Schemas["App"];
export type AppState = Schemas["AppState"];
export type Port = Schemas["Port"];
export type Visibility = Schemas["Visibility"];
export type Share = Schemas["Share"];
export type ShareCreate = Schemas["ShareCreate"];
export type Level = Schemas["Level"];
export type Person = Schemas["Person"];
export type Folder = Schemas["Folder"];
export type FolderItem = Schemas["File"];
export type SshKey = Schemas["SshKey"];
export type Ssh = Schemas["Ssh"];
export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type Span = Schemas["Span"];
export type Why = Schemas["Why"];
/** An event that has happened, so that it has a time. */
export type WorkspaceEvent = Schemas["Event"] & { at: string };
export type LogPage = Schemas["LogPage"];
export type LogStream = Schemas["LogStream"];
export type LogChunk = Schemas["LogChunk"];
export type Session = Schemas["Session"];
export type Server = Schemas["Server"];
export type GitCredential = Schemas["GitCredential"];
export type Hook = Schemas["Hook"];
export type WorkspaceSecret = Schemas["WorkspaceSecret"];
export type StoredSecret = Schemas["StoredSecret"];
export type Preferences = Schemas["Preferences"];
export type Inspection = Schemas["Inspection"];
export type Terminal = Schemas["Terminal"];
export type Token = Schemas["Token"];
export type BrowserSession = Schemas["BrowserSession"];
export type Quota = Schemas["Quota"];
export type ProblemDocument = Schemas["Problem"];
