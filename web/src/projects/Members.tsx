import { Select, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import type { Member, Project, Role } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { EmptyState } from "~/design/EmptyState";
import { ListCard } from "~/design/ListCard";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { RemovalTable } from "~/design/RemovalTable";
import { sessionQuery } from "~/session/queries";
import { AddMember } from "./AddMember";
import { membersQuery, projectKeys } from "./queries";
import { DEFAULT_PROJECT, looksAfter, MEMBER_ROLES, readsWholeAudit } from "./rights";

/** Who is what in a project. */
export function Members({ project }: { project: Project }) {
  const domains = looksAfter(useQuery(sessionQuery).data, project);
  return (
    <ListCard
      title="Members"
      about={
        project.name === DEFAULT_PROJECT
          ? "Everybody belongs to this project, with the role of their account. A member may do more here."
          : "Who works in it, in all of its domains or in one."
      }
      addLabel="Add a member"
      canAdd={domains.length > 0}
      query={useQuery(membersQuery(project.name))}
      form={(onDone) => <AddMember project={project} domains={domains} onDone={onDone} />}
      empty={
        <EmptyState
          compact
          icon={<Users size={30} strokeWidth={1.4} />}
          title="No members yet"
          text={
            domains.length > 0
              ? "Add those who work in it."
              : "Administrators and the project's maintainers say who is one."
          }
        />
      }
    >
      {(items) => <MemberTable project={project} items={items} domains={domains} />}
    </ListCard>
  );
}

interface MemberTableProps {
  project: Project;
  items: readonly Member[];
  /** Of which one says who is a member. */
  domains: readonly string[];
}

/** One membership: a user may have one in each domain, and one in all of them. */
function keyOf({ user_id, domain }: Member): string {
  return `${user_id} ${domain}`;
}

function MemberTable({ project, items, domains }: MemberTableProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery).data;
  const userId = session?.user_id;
  // Without this membership one would not know of the project.
  const isReason =
    project.name !== DEFAULT_PROJECT &&
    !readsWholeAudit(session) &&
    items.filter(({ user_id }) => user_id === userId).length === 1;
  const [asking, setAsking] = useState<Member>();
  const remove = useMutation({
    mutationFn: ({ user_id, domain }: Member) =>
      answer(
        api.DELETE("/api/v1/projects/{project}/members/{user}", {
          params: { path: { project: project.name, user: user_id }, query: { domain } },
        }),
      ),
    onSuccess: (_, { user, user_id }) => {
      tellDone(`${user} is no member any more; what they have open ends in seconds.`);
      if (user_id === userId && isReason) void navigate("/projects");
    },
    onError: tellProblem,
    // One's own may have been the reason to see it at all.
    onSettled: () => client.invalidateQueries({ queryKey: projectKeys.all }),
  });
  const rows = items.map((member) => {
    const isSelf = member.user_id === userId;
    const manages = domains.includes(member.domain);
    const where = member.domain && ` in ${member.domain}`;
    return {
      id: keyOf(member),
      removeLabel: isSelf
        ? `Leave the project${where}`
        : manages
          ? `Remove ${member.user}${where}`
          : undefined,
      cells: [
        <Who key="who" member={member} isSelf={isSelf} />,
        <RoleCell key="role" project={project} member={member} canChange={manages} />,
        <Moment key="since" at={member.created_at} />,
      ],
    };
  });
  const isLeaving = asking?.user_id === userId;
  return (
    <>
      <RemovalTable
        columns={["Who", "Role", "Since"]}
        removing="Remove"
        rows={rows}
        busyId={remove.isPending ? keyOf(remove.variables) : undefined}
        onRemove={(id) => setAsking(items.find((member) => keyOf(member) === id))}
      />
      <ConfirmDialog
        opened={asking !== undefined}
        title={isLeaving ? `Leave ${project.name}?` : `Remove ${asking?.user ?? ""} from ${project.name}?`}
        keepLabel={isLeaving ? "Stay" : "Keep them"}
        doLabel={isLeaving ? "Leave" : "Remove"}
        onClose={() => setAsking(undefined)}
        onConfirm={() => {
          if (asking) remove.mutate(asking);
        }}
      >
        {isLeaving
          ? "Your workspaces in it stay, but you cannot start, enter or delete them any more."
          : "Their workspaces in it stay, closed to them. What they have open ends within seconds."}
      </ConfirmDialog>
    </>
  );
}

function Who({ member, isSelf }: { member: Member; isSelf: boolean }) {
  return (
    <>
      <Text component="span" size="sm" fw={550}>
        {member.user}
        {isSelf && " (you)"}
      </Text>
      <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {member.domain || "all domains"}
      </Text>
    </>
  );
}

interface RoleCellProps {
  project: Project;
  member: Member;
  canChange: boolean;
}

function RoleCell({ project, member, canChange }: RoleCellProps) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) =>
      answer(
        api.PUT("/api/v1/projects/{project}/members/{user}", {
          params: { path: { project: project.name, user: member.user_id } },
          body: { role, domain: member.domain },
        }),
      ),
    onSuccess: ({ user, role }) => tellDone(`${user} is ${role} now.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: projectKeys.all }),
  });
  if (!canChange) return MEMBER_ROLES.find(([role]) => role === member.role)?.[1] ?? member.role;
  return (
    <Select
      size="xs"
      w={130}
      aria-label={`Role of ${member.user}${member.domain && ` in ${member.domain}`}`}
      allowDeselect={false}
      disabled={change.isPending}
      data={MEMBER_ROLES.map(([value, label]) => ({ value, label }))}
      value={change.isPending ? change.variables : member.role}
      onChange={(role) => {
        if (role && role !== member.role) change.mutate(role);
      }}
    />
  );
}
