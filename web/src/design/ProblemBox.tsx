import { Alert, Code, Text } from "@mantine/core";
import { CircleAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { HintText } from "./HintText";
import classes from "./ProblemBox.module.css";

interface ProblemBoxProps {
  title: string;
  detail?: string | undefined;
  hint?: string | undefined;
  tone?: "bad" | "warning";
  /** What can be done here and now. */
  children?: ReactNode;
}

/** A problem: what happened, in whose words, and what to do. */
export function ProblemBox({ title, detail, hint, tone = "bad", children }: ProblemBoxProps) {
  const Icon = tone === "bad" ? CircleAlert : TriangleAlert;
  return (
    <Alert
      role={tone === "bad" ? "alert" : "status"}
      color={tone === "bad" ? "brick" : "amber"}
      title={title}
      icon={<Icon size={18} aria-hidden="true" />}
      radius="lg"
      classNames={{ body: classes.body ?? "" }}
    >
      {detail && (
        <Code
          block
          bg="transparent"
          p={0}
          mb={hint || children ? "xs" : 0}
          c="inherit"
          fz="sm"
          className={classes.detail ?? ""}
        >
          {detail}
        </Code>
      )}
      {hint && (
        <Text size="sm" mb={children ? "sm" : 0}>
          <HintText>{hint}</HintText>
        </Text>
      )}
      {children}
    </Alert>
  );
}
