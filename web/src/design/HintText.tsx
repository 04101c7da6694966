import { Code } from "@mantine/core";
import { Fragment } from "react";

/** A hint of the problems' catalogue: text in back-ticks is set as code. */
export function HintText({ children }: { children: string }) {
  return children
    .split(/(`[^`]+`)/)
    .map((part, index) =>
      part.startsWith("`") && part.endsWith("`") && part.length > 2 ? (
        <Code key={index}>{part.slice(1, -1)}</Code>
      ) : (
        <Fragment key={index}>{part}</Fragment>
      ),
    );
}
