import { notifications } from "@mantine/notifications";
import { CircleAlert, CircleCheck } from "lucide-react";
import { asProblem } from "~/api/problem";
import { HintText } from "./HintText";

/** Say that something asked for did not happen, and what to do. */
export function tellProblem(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({
    color: "brick",
    icon: <CircleAlert size={18} />,
    title: problem.title,
    message: (
      <>
        {problem.detail} {problem.hint && <HintText>{problem.hint}</HintText>}
      </>
    ),
    autoClose: 12_000,
  });
}

export function tellDone(message: string): void {
  notifications.show({ color: "lamp", icon: <CircleCheck size={18} />, message, autoClose: 4_000 });
}
