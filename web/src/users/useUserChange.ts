import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Role, User } from "~/api/types";
import { tellDone, tellProblem } from "~/design/notices";
import { labelOf, usersKey } from "./queries";

export interface UserChange {
  role?: Role;
  disabled?: boolean;
}

/** Gives an account another role, disables it, or enables it again; says what came of it. */
export function useUserChange(user: Pick<User, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UserChange) =>
      answer(api.PATCH("/api/v1/users/{user}", { params: { path: { user: user.id } }, body })),
    onSuccess: (changed, asked) =>
      tellDone(
        asked.disabled === undefined
          ? `${changed.name} is ${labelOf(changed.role).toLowerCase()} now.`
          : changed.disabled
            ? `${changed.name} is disabled; what they have open ends within seconds.`
            : `${changed.name} may sign in again, by a login link.`,
      ),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: usersKey }),
  });
}
