/** `text` if it is a path on this server and nothing that a browser takes for an address of another, else `/`. */
export function ownPath(text: string): string {
  // Browsers drop tabs and line ends, and read `\` as `/`: both could turn a path into another site's address.
  const isPath = /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.includes("\\");
  return isPath ? text : "/";
}
