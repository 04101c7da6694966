/** The nonce under which the server's content security policy allows style elements of this page. */

const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');

export const styleNonce = meta?.content ?? "";

// react-remove-scroll (inside Mantine's dialogs) looks for its nonce under webpack's name.
Object.assign(window, { __webpack_nonce__: styleNonce });
