import { ActionIcon, Table, VisuallyHidden } from "@mantine/core";
import { Trash2 } from "lucide-react";
import type { ReactNode } from "react";

export interface Row {
  id: string;
  /** What the button that removes it is called; undefined: one may not. */
  removeLabel: string | undefined;
  cells: readonly ReactNode[];
}

interface RemovalTableProps {
  /** Head of each column but the last, which has the buttons; the third is left out on small screens. */
  columns: readonly string[];
  removing: string;
  rows: readonly Row[];
  /** Of the row that is being removed. */
  busyId: string | undefined;
  onRemove: (id: string) => void;
}

/** Things that are stored, each with a button that removes it. */
export function RemovalTable({ columns, removing, rows, busyId, onRemove }: RemovalTableProps) {
  const from = (column: number) => (column >= 2 ? { visibleFrom: "xs" as const } : {});
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map((name, column) => (
              <Table.Th key={name} {...from(column)}>
                {name}
              </Table.Th>
            ))}
            <Table.Th>
              <VisuallyHidden>{removing}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id}>
              {row.cells.map((cell, column) => (
                <Table.Td key={columns[column]} {...from(column)}>
                  {cell}
                </Table.Td>
              ))}
              <Table.Td ta="right">
                {row.removeLabel !== undefined && (
                  <ActionIcon
                    variant="subtle"
                    color="brick"
                    aria-label={row.removeLabel}
                    loading={busyId === row.id}
                    onClick={() => onRemove(row.id)}
                  >
                    <Trash2 size={16} />
                  </ActionIcon>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
