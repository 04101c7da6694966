import { useEffect } from "react";

/** The browser tab's title: what it is, then whose. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Carrel" : `${title} · Carrel`;
  }, [title]);
}
