import { Button } from "@mantine/core";
import { asProblem } from "~/api/problem";
import { ProblemBox } from "./ProblemBox";

interface QueryProblemProps {
  error: unknown;
  retry?: () => void;
}

/** What is shown in the place of data that could not be had. */
export function QueryProblem({ error, retry }: QueryProblemProps) {
  const problem = asProblem(error);
  return (
    <ProblemBox title={problem.title} detail={problem.detail} hint={problem.hint}>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </ProblemBox>
  );
}
