/** What people paste as a repository, and how a source is shown. */
import type { Source } from "~/api/types";

export interface GitInput {
  url: string;
  ref: string;
}

// Pages of forges that name a repository and a ref: GitHub, Gitea, GitLab, Bitbucket.
const FORGE_PAGES: readonly [RegExp, (ref: string) => string][] = [
  [/^(https?:\/\/[^/]+\/[^/]+\/[^/]+)\/pulls?\/(\d+)(?:\/.*)?$/, (number) => `pull/${number}`],
  [/^(https?:\/\/[^/]+\/[^/]+\/[^/]+)\/(?:tree|commit)\/([^?#]+?)\/?$/, (ref) => ref],
  [/^(https?:\/\/[^/]+\/[^/]+\/[^/]+)\/src\/(?:branch|tag|commit)\/([^?#]+?)\/?$/, (ref) => ref],
  [
    /^(https?:\/\/[^/]+\/.+?)\/-\/merge_requests\/(\d+)(?:\/.*)?$/,
    (number) => `refs/merge-requests/${number}/head`,
  ],
  [/^(https?:\/\/[^/]+\/.+?)\/-\/(?:tree|commit)\/([^?#]+?)\/?$/, (ref) => ref],
];

/** The repository and ref that a pasted address names; an address of a forge's page becomes its repository's. */
export function readGitAddress(text: string): GitInput {
  const address = text.trim();
  for (const [pattern, toRef] of FORGE_PAGES) {
    const found = pattern.exec(address);
    if (found?.[1] && found[2]) return { url: found[1], ref: toRef(decode(found[2])) };
  }
  return { url: address, ref: "" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is wrong with the address of a repository, or undefined. */
export function problemWithAddress(text: string): string | undefined {
  const address = text.trim();
  if (address === "") return "Paste the address of a git repository.";
  if (/\s/.test(address)) return "An address has no spaces.";
  if (/^https?:\/\/[^/]*@/.test(address)) {
    return "Leave user name and token out of the address; store them as a git credential in the settings.";
  }
  if (/^(https?|ssh|git):\/\/[^/]+\/.+/.test(address)) return undefined;
  if (/^[\w.-]+@[\w.-]+:.+/.test(address)) return undefined;
  return "Give a full address, such as https://github.com/owner/repository.";
}

/** A source in a few characters: `ana/blog`, `blog @ main`, a folder's last part. */
export function sourceLabel(source: Source): string {
  switch (source.kind) {
    case "git": {
      const path = source.url
        .replace(/^[a-z+]+:\/\/[^/]+\//, "")
        .replace(/^[\w.-]+@[\w.-]+:/, "")
        .replace(/\.git\/?$/, "")
        .replace(/\/$/, "");
      return path.split("/").slice(-2).join("/");
    }
    case "folder":
      return source.path;
    case "empty":
      return "No source";
  }
}

/** A page that a person can open for this source, or undefined. */
export function sourceLink(source: Source): string | undefined {
  if (source.kind !== "git" || !/^https?:\/\//.test(source.url)) return undefined;
  return source.url.replace(/\.git$/, "");
}
