import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from "react";
import { tellProblem } from "~/design/notices";
import { filesOf } from "./dropped";
import classes from "./FilesTab.module.css";
import type { Chosen } from "./uploads";

interface DropZoneProps {
  onFiles: (chosen: readonly Chosen[]) => void;
  children: ReactNode;
}

/** A part of the page on which files and folders can be dropped. */
export function DropZone({ onFiles, children }: DropZoneProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  const take = useEffectEvent(onFiles);

  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const listening = new AbortController();
    const { signal } = listening;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    element.addEventListener(
      "dragover",
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    element.addEventListener(
      "dragleave",
      (event) => {
        if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) setOver(false);
      },
      { signal },
    );
    element.addEventListener(
      "drop",
      (event) => {
        if (!event.dataTransfer || !hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        filesOf(event.dataTransfer).then(take, tellProblem);
      },
      { signal },
    );
    return () => listening.abort();
  }, []);

  return (
    <div ref={ref} className={classes.drop} data-over={isOver || undefined}>
      {children}
    </div>
  );
}
