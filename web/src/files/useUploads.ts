import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { keys } from "~/workspaces/queries";
import { Uploads, type UploadItem } from "./uploads";

const known = new WeakMap<QueryClient, Map<string, Uploads>>();

function uploadsOf(client: QueryClient, id: string): Uploads {
  const own = known.get(client) ?? new Map<string, Uploads>();
  known.set(client, own);
  const found =
    own.get(id) ?? new Uploads(id, () => void client.invalidateQueries({ queryKey: keys.folders(id) }));
  own.set(id, found);
  return found;
}

/** The uploads into a workspace since the page was opened. */
export function useUploads(id: string): { uploads: Uploads; items: readonly UploadItem[] } {
  const uploads = uploadsOf(useQueryClient(), id);
  const items = useSyncExternalStore(uploads.subscribe, uploads.current);
  const busy = items.some(({ state }) => state === "waiting" || state === "sending");

  useEffect(() => {
    if (!busy) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);

  return { uploads, items };
}
