/** Lets xterm.js make elements under a strict content security policy.
 *
 * xterm.js 6 makes style elements without a nonce and sets colours with `setAttribute("style", ...)`; the policy refuses
 * both. Its option `documentOverride` does not reach all of its parts (the row factory and the viewport take the global
 * document), so the document's own factory is replaced for as long as a terminal is shown: style elements get the nonce,
 * and spans set their style through the object model, which the policy allows.
 */
import { styleNonce } from "~/app/nonce";

function prepare(element: HTMLElement): void {
  if (element instanceof HTMLStyleElement) {
    element.nonce = styleNonce;
  } else if (element instanceof HTMLSpanElement) {
    element.setAttribute = (name: string, value: string) => {
      if (name === "style") element.style.cssText = value;
      else HTMLElement.prototype.setAttribute.call(element, name, value);
    };
  }
}

/* eslint-disable @typescript-eslint/no-deprecated -- the method's overloads for long gone elements come with it */
/** Begin; the answer ends it. */
export function allowElements(own: Document): () => void {
  const original = own.createElement.bind(own);
  own.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = original(name, options);
    prepare(element);
    return element;
  };
  return () => {
    // What is left is the method of the prototype.
    Reflect.deleteProperty(own, "createElement");
  };
}
