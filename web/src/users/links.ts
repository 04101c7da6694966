/** What lets somebody in, made for them and shown once. */
import { answer, api } from "~/api/client";
import type { User } from "~/api/types";
import { formatSeconds } from "~/design/time";
import { whatItMay, type TokenWish } from "~/tokens/wish";

/** Long enough for somebody to read the mail that it comes with. */
const LINK_SECONDS = 86_400;

export interface Link {
  user: string;
  title: string;
  text: string;
  /** What whoever has it can do with it. */
  about: string;
}

type Named = Pick<User, "id" | "name">;

/** A link that signs a browser in. */
export async function makeLoginLink(user: Named): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/login-links", {
      params: { path: { user: user.id } },
      body: { expires_in_seconds: LINK_SECONDS },
    }),
  );
  const about = `It signs a browser in as ${user.name}, once, within ${formatSeconds(made.expires_in_seconds)}.`;
  return { user: user.name, title: "Login link", text: made.url, about };
}

/** A link with which somebody chooses a password; `reset`: what they have ends at once. */
export async function makeInvite(user: Named, reset = false): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/invites", { params: { path: { user: user.id } }, body: { reset } }),
  );
  const about = `Who opens it chooses the password of ${user.name}, once, within ${formatSeconds(made.expires_in_seconds)}.`;
  return { user: user.name, title: "Invitation", text: made.url, about };
}

/** A token of a service account. */
export async function makeToken(user: Named, { title, scopes, seconds }: TokenWish): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/tokens", {
      params: { path: { user: user.id } },
      body: { title, scopes: [...scopes], ...(seconds ? { life_seconds: seconds } : {}) },
    }),
  );
  return { user: user.name, title: "Token", text: made.token, about: whatItMay(made, user.name) };
}
