/** A document for xterm.js under a strict content security policy.
 *
 * xterm.js makes style elements without a nonce and sets colours with `setAttribute("style", ...)`; the policy refuses
 * both. It asks for a document (`documentOverride`), so it gets one whose elements carry the nonce, and set their style
 * through the object model, which the policy allows.
 */
import { styleNonce } from "~/app/nonce";

function prepare(element: HTMLElement): HTMLElement {
  if (element instanceof HTMLStyleElement) {
    element.nonce = styleNonce;
  } else if (element instanceof HTMLSpanElement) {
    element.setAttribute = (name: string, value: string) => {
      if (name === "style") element.style.cssText = value;
      else HTMLElement.prototype.setAttribute.call(element, name, value);
    };
  }
  return element;
}

export function noncedDocument(document: Document): Document {
  return new Proxy(document, {
    get(target, property) {
      if (property === "createElement") {
        return (name: string, options?: ElementCreationOptions) =>
          prepare(target.createElement(name, options));
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}
