import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, type RefObject } from "react";
import { TerminalConnection, type ConnectionState } from "./connection";
import { allowElements } from "./noncedElements";
import "@xterm/xterm/css/xterm.css";
import classes from "./TerminalTab.module.css";

interface ScreenProps {
  url: string;
  label: string;
  readOnly: boolean;
  onState: (state: ConnectionState, words: string) => void;
  /** How many are attached. */
  onAttached: (attached: number) => void;
  /** Why a connection cannot be had; undefined: it may be had later. */
  whyRefused: () => Promise<string | undefined>;
}

const LIGHT: ITheme = {
  background: "#fdfcfb",
  foreground: "#23201b",
  cursor: "#166d53",
  cursorAccent: "#ffffff",
  selectionBackground: "#cfe6dc",
  black: "#3a352c",
  red: "#b63a2f",
  green: "#227a4b",
  yellow: "#8f6400",
  blue: "#2b5fb8",
  magenta: "#90439b",
  cyan: "#167280",
  white: "#6b665b",
  brightBlack: "#7d776b",
  brightRed: "#cf4b3e",
  brightGreen: "#2b8f5a",
  brightYellow: "#a57400",
  brightBlue: "#3a74d4",
  brightMagenta: "#a957b5",
  brightCyan: "#1d8897",
  brightWhite: "#23201b",
};

const DARK: ITheme = {
  background: "#131210",
  foreground: "#e3e1dc",
  cursor: "#79c4a6",
  cursorAccent: "#131210",
  selectionBackground: "#2b4a3f",
  black: "#3a3834",
  red: "#ea8177",
  green: "#6fc492",
  yellow: "#e2b553",
  blue: "#82aaf0",
  magenta: "#cf95da",
  cyan: "#6cc2ce",
  white: "#cfcbc2",
  brightBlack: "#8d887e",
  brightRed: "#f49a91",
  brightGreen: "#8cd8ab",
  brightYellow: "#f0ca77",
  brightBlue: "#a3c2f7",
  brightMagenta: "#e0b2e8",
  brightCyan: "#92d8e1",
  brightWhite: "#f2f0eb",
};

/** Makes an emulator forget what it shows, in its place among the output. */
const RESET = "\x1bc";

/** A terminal of the workspace on the page. */
export function Screen({ url, label, readOnly, onState, onAttached, whyRefused }: ScreenProps) {
  const place = useRef<HTMLDivElement>(null);
  const terminalRef = useRef<Terminal>(null);
  const scheme = useComputedColorScheme("light");
  useConnectedTerminal(place, terminalRef, { url, readOnly, onState, onAttached, whyRefused });

  useEffect(() => {
    if (terminalRef.current) terminalRef.current.options.theme = scheme === "dark" ? DARK : LIGHT;
  }, [scheme, url, readOnly]);

  return <div ref={place} className={classes.screen} role="group" aria-label={label} />;
}

function useConnectedTerminal(
  place: RefObject<HTMLDivElement | null>,
  terminalRef: RefObject<Terminal | null>,
  { url, readOnly, onState, onAttached, whyRefused }: Omit<ScreenProps, "label">,
): void {
  const tellState = useEffectEvent(onState);
  const tellAttached = useEffectEvent(onAttached);
  const askWhy = useEffectEvent(whyRefused);
  useEffect(() => {
    const parent = place.current;
    if (!parent) return undefined;
    const disallowElements = allowElements(document);
    const style = getComputedStyle(parent);
    const terminal = new Terminal({
      fontFamily: style.fontFamily,
      fontSize: 13,
      lineHeight: 1.2,
      scrollback: 10_000,
      cursorBlink: !readOnly && !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      disableStdin: readOnly,
      macOptionIsMeta: true,
      screenReaderMode: true,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(parent);
    fit.fit();
    terminal.focus();
    terminalRef.current = terminal;

    const connection = new TerminalConnection({
      url,
      readOnly,
      events: {
        onOutput: (bytes, parsed) => terminal.write(bytes, parsed),
        onReset: () => terminal.write(RESET),
        onState: (state, words) => tellState(state, words),
        // The size is that of the one who resized last; everybody's lines break where the program thinks.
        onNews: ({ size, attached }) => {
          if (size) terminal.resize(size.cols, size.rows);
          if (attached !== undefined) tellAttached(attached);
        },
        whyRefused: () => askWhy(),
      },
    });
    terminal.onData((text) => connection.type(text));
    terminal.onBinary((binary) => connection.typeBinary(binary));
    connection.open({ cols: terminal.cols, rows: terminal.rows });

    const claim = () => {
      if (readOnly) return;
      const size = fit.proposeDimensions();
      if (!size || (size.cols === terminal.cols && size.rows === terminal.rows)) return;
      fit.fit();
      connection.resize({ cols: terminal.cols, rows: terminal.rows });
    };
    const observer = new ResizeObserver(claim);
    observer.observe(parent);
    // Somebody else may have made it another size: who begins to work has it as large as the page.
    parent.addEventListener("focusin", claim);
    return () => {
      observer.disconnect();
      parent.removeEventListener("focusin", claim);
      connection.close();
      terminal.dispose();
      disallowElements();
      terminalRef.current = null;
    };
  }, [place, terminalRef, url, readOnly]);
}
