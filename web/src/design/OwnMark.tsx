import { Badge } from "@mantine/core";

/** Beside a value that was chosen here, among those that the settings give. */
export function OwnMark() {
  return (
    <Badge color="lamp" variant="light" tt="none" size="sm" title="Chosen here, in the place of the settings">
      set here
    </Badge>
  );
}
