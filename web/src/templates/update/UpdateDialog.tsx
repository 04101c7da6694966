import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { asProblem } from "~/api/problem";
import type { TemplateDetail, Workspace } from "~/api/types";
import { tellDone } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { ParameterFields } from "../ParameterFields";
import { askedAnew, chosen, errorsAt, firstWritten, problemsWith, type Written } from "../parameters";
import { templateQuery } from "../queries";
import classes from "../templates.module.css";
import { changesBetween, type Change } from "./changes";
import { useTemplateChange } from "./useTemplateChange";

interface UpdateDialogProps {
  workspace: Workspace;
  template: NonNullable<Workspace["template"]>;
  opened: boolean;
  onClose: () => void;
}

/** What a newer version changes, what it asks anew, and the button that takes it. */
export function UpdateDialog({ workspace, template, opened, onClose }: UpdateDialogProps) {
  const { name, project, version, newest } = template;
  const now = useQuery({ ...templateQuery(name, project, String(version)), enabled: opened });
  const then = useQuery({ ...templateQuery(name, project, String(newest)), enabled: opened });
  const failed = now.error ?? then.error;
  return (
    <Modal opened={opened} onClose={onClose} title={`Version ${newest} of ${name}`} size="lg">
      {failed && <QueryProblem error={failed} />}
      {!failed && !(now.data && then.data) && <Skeleton h={160} />}
      {now.data && then.data && (
        <UpdateForm workspace={workspace} before={now.data} after={then.data} onClose={onClose} />
      )}
    </Modal>
  );
}

interface UpdateFormProps {
  workspace: Workspace;
  before: TemplateDetail;
  after: TemplateDetail;
  onClose: () => void;
}

function UpdateForm({ workspace, before, after, onClose }: UpdateFormProps) {
  const values = workspace.definition?.template?.parameters ?? {};
  const asked = askedAnew(after.parameters, values);
  const [written, setWritten] = useState(() => firstWritten(asked));
  const [errors, setErrors] = useState<Written>({});
  const take = useTemplateChange(workspace.id, () => {
    tellDone(`${workspace.name} has version ${after.version} of ${after.name} now.`);
    onClose();
  });
  const problem = take.error ? asProblem(take.error) : undefined;

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    const wrong = problemsWith(asked, written);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    take.mutate(
      { version: String(after.version), parameters: chosen(asked, written) },
      { onError: (error) => setErrors(errorsAt(asked, asProblem(error))) },
    );
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {problem && Object.keys(errorsAt(asked, problem)).length === 0 && (
          <ProblemBox title={problem.title} detail={problem.detail} hint={problem.hint} />
        )}
        <Changes changes={changesBetween(before, after)} />
        {asked.length > 0 && (
          <ParameterFields
            parameters={asked}
            written={written}
            errors={errors}
            onChange={(name, text) => setWritten((own) => ({ ...own, [name]: text }))}
            fixing
          />
        )}
        <Text size="sm" c="dimmed">
          What you chose for this workspace yourself stays. Where its environment changes, its containers are
          made anew: processes end, files of the project and the home stay.
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" loading={take.isPending}>
            Take version {after.version}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) {
    return <Text size="sm">Nothing changes in how workspaces of it are made; its files may.</Text>;
  }
  return (
    <ul className={classes.changes} aria-label="What changes">
      {changes.map(({ what, before, after }) => (
        <li key={what}>
          <strong>{what}</strong>{" "}
          {before === "" ? (
            <>
              is new: <ins>{after}</ins>
            </>
          ) : after === "" ? (
            <>
              is no longer there (<del>{before}</del>)
            </>
          ) : (
            <>
              <del>{before}</del> → <ins>{after}</ins>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
