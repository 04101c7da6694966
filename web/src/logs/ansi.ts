/** Colours and styles out of a line of terminal output (ECMA-48 SGR); everything else that terminals obey is dropped. */

/** Index into the 256-colour table, or `#rrggbb`. */
export type Color = number | string;

export interface Style {
  fg?: Color;
  bg?: Color;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

export interface Segment {
  text: string;
  style: Style;
}

export const PLAIN: Style = Object.freeze({});

// CSI sequences; OSC, DCS, SOS, PM and APC strings up to BEL or ST; other escapes; lone controls except tab.
const SEQUENCE =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f]/g;
// eslint-disable-next-line no-control-regex -- as above
const ANY_CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The segments of `line`, which begins in `style`, and the style in which the next line begins. */
export function parseAnsi(line: string, style: Style = PLAIN): { segments: Segment[]; style: Style } {
  const text = lastOverwrite(line);
  if (!ANY_CONTROL.test(text)) return { segments: text === "" ? [] : [{ text, style }], style };
  const segments: Segment[] = [];
  let current = style;
  let from = 0;
  for (const found of text.matchAll(SEQUENCE)) {
    if (found.index > from) push(segments, text.slice(from, found.index), current);
    from = found.index + found[0].length;
    if (found[2] === "m") current = applySgr(current, found[1] ?? "");
  }
  if (from < text.length) push(segments, text.slice(from), current);
  return { segments, style: current };
}

/** The style after `line`, without making segments. */
export function styleAfter(line: string, style: Style): Style {
  return line.includes("\x1b") ? parseAnsi(line, style).style : style;
}

function push(segments: Segment[], text: string, style: Style): void {
  const last = segments.at(-1);
  if (last?.style === style) last.text += text;
  else segments.push({ text, style });
}

/** Progress displays rewrite their line after a carriage return: the last writing is what a terminal shows. */
function lastOverwrite(line: string): string {
  if (!line.includes("\r")) return line;
  const writings = line.split("\r").filter((writing) => writing !== "");
  return writings.at(-1) ?? "";
}

function applySgr(style: Style, parameters: string): Style {
  // Colons separate sub-parameters (ISO 8613-6); `38:2::r:g:b` has an empty colour space that `38;2;r;g;b` lacks.
  const codes = parameters
    .replace(/([34]8):2:\d*:(\d*:\d*:\d*)/g, "$1:2:$2")
    .split(/[;:]/)
    .map((code) => (code === "" ? 0 : Number(code)));
  let next: Style = { ...style };
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes, i + 1);
      if (color !== undefined) next[code === 38 ? "fg" : "bg"] = color;
      i += used;
    } else {
      next = applyCode(next, code);
    }
  }
  return Object.keys(next).length === 0 ? PLAIN : next;
}

function extendedColor(codes: number[], at: number): { color?: Color; used: number } {
  const mode = codes[at];
  if (mode === 5) {
    const index = codes[at + 1];
    return index !== undefined && index <= 255 ? { color: index, used: 2 } : { used: 2 };
  }
  if (mode === 2) {
    const rgb = codes.slice(at + 1, at + 4);
    if (rgb.length < 3 || rgb.some((part) => !(part <= 255))) return { used: 4 };
    return { color: `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`, used: 4 };
  }
  return { used: 1 };
}

function without(style: Style, ...keys: (keyof Style)[]): Style {
  return Object.fromEntries(Object.entries(style).filter(([key]) => !keys.includes(key as keyof Style)));
}

function applyCode(style: Style, code: number): Style {
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 90 + 8 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 100 + 8 };
  switch (code) {
    case 0:
      return {};
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 9:
      return { ...style, strike: true };
    case 22:
      return without(style, "bold", "dim");
    case 23:
      return without(style, "italic");
    case 24:
      return without(style, "underline");
    case 27:
      return without(style, "inverse");
    case 29:
      return without(style, "strike");
    case 39:
      return without(style, "fg");
    case 49:
      return without(style, "bg");
    default:
      return style;
  }
}

const LEVELS = [0, 95, 135, 175, 215, 255];

/** CSS colour; the first 16 follow the colour scheme. */
export function cssColor(color: Color): string {
  if (typeof color === "string") return color;
  if (color < 16) return `var(--ansi-${color})`;
  if (color >= 232) {
    const level = 8 + (color - 232) * 10;
    return `rgb(${level} ${level} ${level})`;
  }
  const index = color - 16;
  const part = (divisor: number) => LEVELS[Math.floor(index / divisor) % 6] ?? 0;
  return `rgb(${part(36)} ${part(6)} ${part(1)})`;
}
