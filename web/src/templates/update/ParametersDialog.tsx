import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { asProblem } from "~/api/problem";
import type { TemplateDetail, Workspace } from "~/api/types";
import { tellDone } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { ParameterFields } from "../ParameterFields";
import { chosen, errorsAt, firstWritten, problemsWith, type Written } from "../parameters";
import { templateQuery } from "../queries";
import { useTemplateChange } from "./useTemplateChange";

interface ParametersDialogProps {
  workspace: Workspace;
  template: NonNullable<Workspace["template"]>;
  opened: boolean;
  onClose: () => void;
}

/** Other values for the parameters that may be changed later. */
export function ParametersDialog({ workspace, template, opened, onClose }: ParametersDialogProps) {
  const { name, project, version } = template;
  const query = useQuery({ ...templateQuery(name, project, String(version)), enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={`Values of ${workspace.name}`}>
      {query.isError && <QueryProblem error={query.error} />}
      {query.isPending && <Skeleton h={120} />}
      {query.data && <ParametersForm workspace={workspace} template={query.data} onClose={onClose} />}
    </Modal>
  );
}

interface ParametersFormProps {
  workspace: Workspace;
  template: TemplateDetail;
  onClose: () => void;
}

function ParametersForm({ workspace, template, onClose }: ParametersFormProps) {
  const values = workspace.definition?.template?.parameters ?? {};
  const mutable = template.parameters.filter((parameter) => parameter.mutable);
  const [written, setWritten] = useState(() => firstWritten(mutable, values));
  const [errors, setErrors] = useState<Written>({});
  const change = useTemplateChange(workspace.id, () => {
    tellDone(`${workspace.name} has its new values.`);
    onClose();
  });
  const problem = change.error ? asProblem(change.error) : undefined;

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    const wrong = problemsWith(mutable, written);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    const parameters = chosen(mutable, written, values);
    if (Object.keys(parameters).length === 0) onClose();
    else {
      change.mutate(
        { version: String(template.version), parameters },
        { onError: (error) => setErrors(errorsAt(mutable, asProblem(error))) },
      );
    }
  }

  if (mutable.length === 0) {
    return <Text size="sm">The values of this template stay as they were when the workspace was made.</Text>;
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {problem && Object.keys(errorsAt(mutable, problem)).length === 0 && (
          <ProblemBox title={problem.title} detail={problem.detail} hint={problem.hint} />
        )}
        <ParameterFields
          parameters={mutable}
          written={written}
          errors={errors}
          onChange={(name, text) => setWritten((own) => ({ ...own, [name]: text }))}
        />
        <Text size="sm" c="dimmed">
          Where its environment changes, its containers are made anew: processes end, files of the project and
          the home stay.
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
