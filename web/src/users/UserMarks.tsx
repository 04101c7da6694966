import { Badge, Text } from "@mantine/core";
import type { User } from "~/api/types";
import { Moment } from "~/design/Moment";

/** What is special about an account, beside its name. */
export function UserMarks({ user }: { user: User }) {
  return (
    <>
      {user.kind === "service" && (
        <Badge color="gray" variant="light" tt="none">
          service account
        </Badge>
      )}{" "}
      {user.disabled && (
        <Badge color="gray" variant="light" tt="none">
          disabled
        </Badge>
      )}
    </>
  );
}

/** Since when it is there, and when it was last seen, as far as one may know it. */
export function SeenLine({ user }: { user: User }) {
  return (
    <Text size="sm" c="dimmed" component="div">
      {user.full_name ? `${user.full_name}, added ` : "added "}
      <Moment at={user.created_at} />
      {user.seen_at && (
        <>
          , last seen <Moment at={user.seen_at} />
        </>
      )}
    </Text>
  );
}
