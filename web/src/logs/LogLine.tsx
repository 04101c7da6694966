import { memo, type CSSProperties } from "react";
import { cssColor, parseAnsi, PLAIN, type Segment } from "./ansi";
import type { BufferedLine } from "./buffer";
import classes from "./LogView.module.css";

/** A line of a log with its colours. */
export const LogLine = memo(function LogLine({ line }: { line: BufferedLine }) {
  const { segments } = parseAnsi(line.text, line.style);
  return (
    <>
      <span className={classes.number} aria-hidden="true">
        {line.number}
      </span>
      <span className={classes.text}>
        {segments.map((segment, index) =>
          segment.style === PLAIN ? (
            segment.text
          ) : (
            <span key={index} style={cssOf(segment)}>
              {segment.text}
            </span>
          ),
        )}
      </span>
    </>
  );
});

function cssOf({ style }: Segment): CSSProperties {
  const fg = style.fg === undefined ? undefined : cssColor(style.fg);
  const bg = style.bg === undefined ? undefined : cssColor(style.bg);
  const css: CSSProperties = {};
  const [front, back] = style.inverse
    ? [bg ?? "var(--mantine-color-body)", fg ?? "var(--mantine-color-text)"]
    : [fg, bg];
  if (front) css.color = front;
  if (back) css.backgroundColor = back;
  if (style.bold) css.fontWeight = 700;
  if (style.dim) css.opacity = 0.65;
  if (style.italic) css.fontStyle = "italic";
  const lines = [style.underline && "underline", style.strike && "line-through"].filter(Boolean);
  if (lines.length > 0) css.textDecorationLine = lines.join(" ");
  return css;
}
