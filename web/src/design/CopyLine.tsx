import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import classes from "./CopyLine.module.css";

interface CopyLineProps {
  text: string;
  /** What it is, for the button's name: "Copy the address". */
  what: string;
}

/** A line that is typed or pasted elsewhere, with a button that copies it. */
export function CopyLine({ text, what }: CopyLineProps) {
  return (
    <div className={classes.line}>
      <code className={classes.text}>{text}</code>
      <CopyIcon text={text} what={what} />
    </div>
  );
}

export function CopyIcon({ text, what }: CopyLineProps) {
  return (
    <CopyButton value={text} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : `Copy ${what}`}>
          <ActionIcon
            variant="subtle"
            color={copied ? "lamp" : "gray"}
            aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
            onClick={copy}
          >
            {copied ? <Check size={16} /> : <Copy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
