import { Anchor, Badge, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";

import { useId, useState } from "react";
import type { AuditRow } from "~/api/types";
import { Facts } from "~/design/Facts";
import { Moment } from "~/design/Moment";
import { formatDateTime } from "~/design/time";
import { usersQuery } from "~/users/queries";
import classes from "./AuditPage.module.css";
import { historyOf, onWhat, particular, type Filter } from "./filter";

interface AuditRowItemProps {
  row: AuditRow;
  onNarrow: (changed: Partial<Filter>) => void;
}

/** One thing that was done or refused, with its particulars on demand. */
export function AuditRowItem({ row, onNarrow }: AuditRowItemProps) {
  const [opened, setOpened] = useState(false);
  const particulars = useId();
  const people = useQuery(usersQuery).data?.items ?? [];
  const what = onWhat(row, people);
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <UnstyledButton
          className={classes.toggle ?? ""}
          aria-expanded={opened}
          aria-controls={particulars}
          aria-label={`Particulars of ${row.action}`}
          onClick={() => setOpened(!opened)}
        >
          <ChevronRight size={16} aria-hidden="true" className={classes.chevron} data-opened={opened} />
        </UnstyledButton>
        <span className={classes.when}>
          <Moment at={row.at} />
        </span>
        <span className={classes.who}>{row.actor || "nobody who signed in"}</span>
        <span className={classes.what}>
          <code className={classes.action}>{row.action}</code>
          {row.outcome === "refused" && (
            <Badge color="brick" variant="light" tt="none" size="sm">
              refused
            </Badge>
          )}
        </span>
        <span className={classes.on} title={what}>
          {what}
        </span>
      </div>
      {opened && (
        <div id={particulars} className={classes.particulars}>
          <Facts rows={factsOf(row)} />
          <Narrowing row={row} onNarrow={onNarrow} />
        </div>
      )}
    </li>
  );
}

function factsOf(row: AuditRow): (readonly [string, string])[] {
  const place = [row.project, row.domain].filter(Boolean).join(", ");
  return [
    ["When", formatDateTime(new Date(row.at))],
    ["From", row.address],
    ["On", row.named && row.subject ? `${row.named} (${row.subject})` : row.subject],
    ["In", place],
    ["Request", row.request_id],
    ...Object.entries(row.detail)
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => [name, particular(value)] as const),
  ];
}

/** Ways from one row to others of its kind. */
function Narrowing({ row, onNarrow }: AuditRowItemProps) {
  const people = useQuery(usersQuery).data?.items ?? [];
  const history = historyOf(row);
  const ways: readonly (readonly [label: string, filter: Partial<Filter> | undefined])[] = [
    [`All by ${row.actor}`, row.actor ? { actor: row.actor } : undefined],
    [`All ${row.action}`, { action: row.action }],
    [`All on ${onWhat({ ...row, detail: {} }, people)}`, history],
  ];
  return (
    <div className={classes.narrowing}>
      {ways.map(
        ([label, filter]) =>
          filter && (
            <Anchor key={label} component="button" type="button" size="sm" onClick={() => onNarrow(filter)}>
              {label}
            </Anchor>
          ),
      )}
    </div>
  );
}
