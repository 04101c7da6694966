import { Grid, NativeSelect } from "@mantine/core";
import type { ReactNode } from "react";
import type { Place } from "./places";
import type { Places } from "./usePlaces";

interface PlaceFieldsProps {
  places: Places;
  errors: { readonly project?: ReactNode; readonly domain?: ReactNode };
  onChange: (change: Partial<Place>) => void;
}

/** To which project the workspace belongs, and in which of its domains; nothing until it is known where one may. */
export function PlaceFields({ places: { choices, place, full }, errors, onChange }: PlaceFieldsProps) {
  if (choices === undefined || choices.length === 0) return null;
  const domains = choices.find(({ project }) => project === place.project)?.domains ?? [];
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <NativeSelect
          label="Project"
          data={choices.map(({ project }) => ({
            value: project,
            label: full.has(project) ? `${project} (a limit is reached)` : project,
          }))}
          error={errors.project}
          value={place.project}
          onChange={(event) => onChange({ project: event.currentTarget.value })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <NativeSelect
          label="Domain"
          data={[...domains]}
          error={errors.domain}
          value={place.domain}
          onChange={(event) => onChange({ domain: event.currentTarget.value })}
        />
      </Grid.Col>
    </Grid>
  );
}

/** Other projects in which something can be started. */
export function roomElsewhere({ choices, place, full }: Places): string {
  const free = (choices ?? [])
    .map(({ project }) => project)
    .filter((project) => project !== place.project && !full.has(project));
  return free.length > 0 ? `There is room in ${free.join(", ")}.` : "";
}
