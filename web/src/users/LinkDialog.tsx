import { Modal } from "@mantine/core";
import { ShownOnce } from "~/design/ShownOnce";
import type { Link } from "./links";

/** Shows what was made for somebody, this once. */
export function LinkDialog({ link, onDone }: { link: Link | undefined; onDone: () => void }) {
  return (
    <Modal opened={link !== undefined} onClose={onDone} title={link && `${link.title} for ${link.user}`}>
      {link && (
        <ShownOnce
          text={link.text}
          what={`the ${link.title.toLowerCase()}`}
          about={link.about}
          onDone={onDone}
        />
      )}
    </Modal>
  );
}
