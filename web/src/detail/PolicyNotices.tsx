import type { Workspace } from "~/api/types";
import { Moment } from "~/design/Moment";
import { ProblemBox } from "~/design/ProblemBox";

const TITLES: Record<Workspace["notices"][number]["kind"], string> = {
  ending_soon: "It will stop soon",
  archive: "It will be archived",
  trash: "It will go to the trash",
  purge: "It will be removed for good",
  schedule_refused: "Its schedule could not start it",
};

/** What policy is about to do, as its people are told everywhere. */
export function PolicyNotices({ workspace }: { workspace: Workspace }) {
  return workspace.notices.map((notice) => (
    <ProblemBox
      key={`${notice.kind} ${notice.at}`}
      tone="warning"
      title={TITLES[notice.kind]}
      detail={notice.text.replaceAll("`", "")}
    >
      {notice.at && <Moment at={notice.at} />}
    </ProblemBox>
  ));
}
