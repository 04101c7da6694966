import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode, type UIEvent } from "react";
import type { BufferedLine } from "./buffer";
import { LogLine } from "./LogLine";
import classes from "./LogView.module.css";

const LINE_HEIGHT = 20;
const NEAR_END = 2 * LINE_HEIGHT;

interface LogViewProps {
  lines: readonly BufferedLine[];
  /** What is said where there is no line. */
  empty: ReactNode;
  height: string;
  wrap?: boolean;
  label: string;
}

/** Lines of a log, of which only those in view are in the document; stays at the end until somebody scrolls up. */
export function LogView({ lines, empty, height, wrap = true, label }: LogViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [following, setFollowing] = useState(true);
  // The virtualizer changes in place; this component is not memoized, and hands it to nobody.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();

  useEffect(() => {
    if (following && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, lines, virtualizer]);

  useEffect(() => virtualizer.measure(), [wrap, virtualizer]);

  function onScroll({ currentTarget }: UIEvent<HTMLDivElement>) {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    // New lines never move the view up: only a person does.
    if (atEnd) setFollowing(true);
    else if (scrollTop < lastTop.current) setFollowing(false);
    lastTop.current = scrollTop;
  }

  return (
    <div className={classes.frame} data-wrap={wrap || undefined}>
      {/* A region that scrolls must be reachable by keyboard. */}
      <div
        ref={scroller}
        className={classes.scroller}
        style={{ height }}
        onScroll={onScroll}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        {lines.length === 0 && <div className={classes.empty}>{empty}</div>}
        <div className={classes.sizer} style={{ height: virtualizer.getTotalSize() }}>
          <div className={classes.window} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map((item) => {
              const line = lines[item.index];
              return (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={classes.line}
                >
                  {line && <LogLine line={line} />}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!following && (
        <Button
          className={classes.latest}
          size="compact-sm"
          radius="xl"
          leftSection={<ArrowDown size={14} />}
          onClick={() => setFollowing(true)}
        >
          Latest
        </Button>
      )}
    </div>
  );
}
