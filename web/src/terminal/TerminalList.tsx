import { ActionIcon, Button, Group, Modal, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Terminal } from "~/api/types";
import { tellProblem } from "~/design/notices";
import { freeName, namesOf, nextAfter } from "./names";
import { terminalsKey, terminalsQuery } from "./queries";
import classes from "./TerminalTab.module.css";

interface TerminalListProps {
  workspaceId: string;
  terminals: readonly Terminal[];
  /** Name of the one that is shown; it may not be made yet. */
  shown: string;
  mayType: boolean;
  onShow: (name: string) => void;
}

/** The terminals by name, one more, and the end of one. */
export function TerminalList({ workspaceId, terminals, shown, mayType, onShow }: TerminalListProps) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Terminal>();
  const names = namesOf(terminals, shown);
  const close = useMutation({
    mutationFn: (name: string) =>
      answer(
        api.DELETE("/api/v1/workspaces/{workspace}/terminals/{name}", {
          params: { path: { workspace: workspaceId, name } },
        }),
      ),
    onSuccess: (_, name) => {
      if (name === shown) onShow(nextAfter(names, name));
    },
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: terminalsKey(workspaceId) }),
  });

  /** What runs in it is asked for now: the list may be some seconds old. */
  const look = useMutation({
    mutationFn: () => client.query(terminalsQuery(workspaceId)),
    onSuccess: (list, name: string) => ask(list.items, name),
    onError: tellProblem,
  });

  function ask(current: readonly Terminal[], name: string) {
    const terminal = current.find((one) => one.name === name);
    const others = (terminal?.attached ?? 0) - (name === shown ? 1 : 0);
    if (terminal && (terminal.running !== "" || others > 0)) setAsking(terminal);
    else close.mutate(name);
  }

  return (
    <nav className={classes.list} aria-label="Terminals">
      {names.map((name) => (
        <span key={name} className={classes.item} data-shown={name === shown || undefined}>
          <UnstyledButton
            className={classes.name}
            aria-current={name === shown ? "true" : undefined}
            onClick={() => onShow(name)}
          >
            {name}
          </UnstyledButton>
          {mayType && terminals.some((one) => one.name === name) && (
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={`Close terminal ${name}`}
              loading={
                (look.isPending && look.variables === name) || (close.isPending && close.variables === name)
              }
              onClick={() => look.mutate(name)}
            >
              <X size={12} aria-hidden="true" />
            </ActionIcon>
          )}
        </span>
      ))}
      {mayType && (
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label="New terminal"
          onClick={() => onShow(freeName(names))}
        >
          <Plus size={14} aria-hidden="true" />
        </ActionIcon>
      )}
      <CloseDialog
        terminal={asking}
        onClose={() => setAsking(undefined)}
        onEnd={(terminal) => close.mutate(terminal.name)}
      />
    </nav>
  );
}

interface CloseDialogProps {
  terminal: Terminal | undefined;
  onClose: () => void;
  onEnd: (terminal: Terminal) => void;
}

function CloseDialog({ terminal, onClose, onEnd }: CloseDialogProps) {
  return (
    <Modal opened={terminal !== undefined} onClose={onClose} title={terminal && `Close ${terminal.name}?`}>
      <Text size="sm">
        {terminal?.running
          ? `${terminal.running} runs in it and is ended.`
          : "Somebody else is attached to it."}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button
          color="brick"
          onClick={() => {
            if (terminal) onEnd(terminal);
            onClose();
          }}
        >
          Close it
        </Button>
      </Group>
    </Modal>
  );
}
