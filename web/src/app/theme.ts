/** Colours, type and shapes: a calm room with warm paper, ink, and the green of a desk lamp. */
import {
  Anchor,
  Button,
  Card,
  createTheme,
  defaultVariantColorsResolver,
  Modal,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

const lamp: MantineColorsTuple = [
  "#ebf7f2",
  "#d5ece2",
  "#a9d9c5",
  "#79c4a6",
  "#4eae8b",
  "#2f9775",
  "#1f8163",
  "#166d53",
  "#125b46",
  "#0c4534",
];

/** Warm greys; Mantine's own `gray` is replaced so that every neutral of the library is warm too. */
const gray: MantineColorsTuple = [
  "#faf9f7",
  "#f4f2ee",
  "#eae7e1",
  "#dedad2",
  "#c9c4ba",
  "#aaa498",
  "#878175",
  "#5f5a50",
  "#3d3932",
  "#23201b",
];

const dark: MantineColorsTuple = [
  "#d8d6d1",
  "#bab7b0",
  "#98958d",
  "#716e67",
  "#4a4843",
  "#383632",
  "#2a2926",
  "#1f1e1c",
  "#191816",
  "#121110",
];

const amber: MantineColorsTuple = [
  "#fff7e6",
  "#fdecc8",
  "#f9d893",
  "#f4c25b",
  "#eeae31",
  "#dd9716",
  "#b9770b",
  "#935c09",
  "#73480d",
  "#54350c",
];

const brick: MantineColorsTuple = [
  "#fdf0ee",
  "#f9ddd9",
  "#f0b6af",
  "#e78d83",
  "#dd685c",
  "#cf4b3e",
  "#b63a2f",
  "#962f26",
  "#78271f",
  "#5a1e18",
];

export const theme = createTheme({
  primaryColor: "lamp",
  primaryShade: { light: 7, dark: 6 },
  colors: { lamp, gray, dark, amber, brick },
  black: "#23201b",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.625rem", lineHeight: "1.25" },
      h2: { fontSize: "1.2rem", lineHeight: "1.3" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  variantColorResolver: (input) => {
    const resolved = defaultVariantColorsResolver(input);
    // The default variant is used for most buttons: quiet, with a visible edge in both schemes.
    return input.variant === "default"
      ? { ...resolved, border: "1px solid var(--carrel-edge-strong)" }
      : resolved;
  },
  components: {
    Anchor: Anchor.extend({ defaultProps: { underline: "hover" } }),
    Button: Button.extend({ styles: { label: { fontWeight: 560 } } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: "lg", padding: "lg" } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: "lg",
        padding: "lg",
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: { "aria-label": "Close" },
      },
      styles: {
        content: { background: "var(--carrel-surface)" },
        header: { background: "var(--carrel-surface)" },
        title: { fontWeight: 600 },
      },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfaf8",
    "--mantine-color-dimmed": "#6b665b",
    "--carrel-surface": "#ffffff",
    "--carrel-sunken": "#f4f2ee",
    "--carrel-edge": "#e8e4dc",
    "--carrel-edge-strong": "#d8d3c9",
    "--mantine-color-default-border": "#dedad2",
    "--mantine-color-anchor": "#166d53",
    "--mantine-color-brick-light": "#fbe9e6",
    "--mantine-color-amber-light": "#fdf1d8",
    "--mantine-color-brick-light-color": "#962f26",
    "--mantine-color-lamp-light-color": "#125b46",
    "--mantine-color-error": "#b63a2f",
  },
  dark: {
    "--mantine-color-body": "#161513",
    "--mantine-color-dimmed": "#a09c93",
    "--mantine-color-text": "#e3e1dc",
    "--carrel-surface": "#1e1d1b",
    "--carrel-sunken": "#121110",
    "--carrel-edge": "#2e2c29",
    "--carrel-edge-strong": "#45423d",
    "--mantine-color-default": "#262522",
    "--mantine-color-default-hover": "#2e2c29",
    "--mantine-color-default-border": "#3a3834",
    "--mantine-color-anchor": "#79c4a6",
    "--mantine-color-lamp-light": "#193c30",
    "--mantine-color-lamp-light-hover": "#1f4a3b",
    "--mantine-color-lamp-light-color": "#c3e6d7",
    "--mantine-color-brick-light": "#3b1f1b",
    "--mantine-color-brick-light-color": "#f0b6af",
    "--mantine-color-amber-light": "#35290f",
    "--mantine-color-amber-light-color": "#f9d893",
    "--mantine-color-error": "#e78d83",
  },
});
