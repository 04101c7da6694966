import { Anchor, Code, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { TemplateDetail } from "~/api/types";
import { Moment } from "~/design/Moment";
import { templatePath } from "./queries";

/** Every version of a template, the newest first. */
export function VersionTable({ template }: { template: TemplateDetail }) {
  const base = templatePath(template);
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Published</Table.Th>
            <Table.Th visibleFrom="xs">By</Table.Th>
            <Table.Th visibleFrom="xs">Commit</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {template.versions.map(({ number, created_at, created_by, commit }) => (
            <Table.Tr key={number} aria-current={number === template.version ? "true" : undefined}>
              <Table.Td>
                {number === template.version ? (
                  <Text span fw={600} inherit>
                    {number}, shown here
                  </Text>
                ) : (
                  <Anchor
                    component={Link}
                    inherit
                    to={
                      number === template.newest
                        ? base
                        : `${base}${base.includes("?") ? "&" : "?"}version=${number}`
                    }
                  >
                    {number}
                  </Anchor>
                )}
              </Table.Td>
              <Table.Td>
                <Moment at={created_at} />
              </Table.Td>
              <Table.Td visibleFrom="xs">{created_by}</Table.Td>
              <Table.Td visibleFrom="xs">{commit && <Code>{commit.slice(0, 12)}</Code>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
