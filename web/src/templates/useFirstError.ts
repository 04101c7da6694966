import { useEffect, useRef } from "react";

/** Takes somebody to the first field that is wrong: a long form may have it outside of what is seen. */
export function useFirstError() {
  const form = useRef<HTMLFormElement>(null);
  const isWanted = useRef(false);

  useEffect(() => {
    if (!isWanted.current) return;
    isWanted.current = false;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });

  return {
    form,
    /** After the errors that were set just now are shown. */
    showFirst: () => {
      isWanted.current = true;
    },
  };
}
