import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link2, Users } from "lucide-react";
import type { Share, Workspace } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { ListCard } from "~/design/ListCard";
import { useDetail } from "~/detail/context";
import { sharesQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";
import { GuestLinkForm } from "./GuestLinkForm";
import { PeopleCard } from "./PeopleCard";
import { ShareForm } from "./ShareForm";
import { ShareTable } from "./ShareTable";
import { WhatYouHave } from "./WhatYouHave";

/** Who is here, who may come, and how to let somebody in. */
export function SharingTab() {
  const { workspace } = useDetail();
  const looksAfter = may(workspace, "share") || may(workspace, "change");
  return (
    <Stack gap="lg">
      {may(workspace, "watch") && <PeopleCard workspace={workspace} />}
      {looksAfter ? <Shares workspace={workspace} /> : <WhatYouHave workspace={workspace} />}
    </Stack>
  );
}

const usersOnly = ({ items }: { items: Share[] }) => ({ items: items.filter(({ guest }) => !guest) });
const linksOnly = ({ items }: { items: Share[] }) => ({ items: items.filter(({ guest }) => guest) });

function Shares({ workspace }: { workspace: Workspace }) {
  const users = useQuery({ ...sharesQuery(workspace.id), select: usersOnly });
  const links = useQuery({ ...sharesQuery(workspace.id), select: linksOnly });
  const canGive = may(workspace, "share") && workspace.goal !== "delete";
  return (
    <>
      <ListCard
        title="Shared with"
        about="Users of this server. They find it in their list of workspaces."
        addLabel="Share"
        canAdd={canGive}
        query={users}
        form={(onDone) => <ShareForm workspace={workspace} onDone={onDone} />}
        empty={
          <EmptyState
            compact
            icon={<Users size={30} strokeWidth={1.4} />}
            title="Only you"
            text="No other user of this server gets in, not even an administrator."
          />
        }
      >
        {(items) => <ShareTable workspace={workspace} items={items} />}
      </ListCard>
      <ListCard
        title="Guest links"
        about="Each lets in whoever has it, without an account, until it ends. Guests watch, unless you give more."
        addLabel="New link"
        canAdd={canGive}
        query={links}
        form={(onDone) => <GuestLinkForm workspace={workspace} onDone={onDone} />}
        empty={
          <EmptyState
            compact
            icon={<Link2 size={30} strokeWidth={1.4} />}
            title="None"
            text="A link is shown once, when it is made."
          />
        }
      >
        {(items) => <ShareTable workspace={workspace} items={items} />}
      </ListCard>
    </>
  );
}
