import { Tooltip } from "@mantine/core";
import { formatDateTime, formatDistance } from "./time";
import { useNow } from "./useNow";

/** A moment as its distance from now, with the exact time on hover and for machines. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <Tooltip label={formatDateTime(date)}>
      <time dateTime={at}>{formatDistance(date, now)}</time>
    </Tooltip>
  );
}
