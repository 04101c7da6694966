import { Grid, NativeSelect, TextInput } from "@mantine/core";
import type { Quota, TemplateDetail } from "~/api/types";
import { mostGpus, OWN, sizeWords, templateSizes, type OwnSize, type SizeErrors } from "./sizes";

interface SizeFieldsProps {
  template: TemplateDetail;
  quota: Quota | undefined;
  choice: string;
  own: OwnSize;
  errors: SizeErrors;
  onChoice: (choice: string) => void;
  onOwn: (own: OwnSize) => void;
}

/** A size of the template, or one's own under its ceiling. */
export function SizeFields({ template, quota, choice, own, errors, onChoice, onOwn }: SizeFieldsProps) {
  const { ceiling } = template;
  const fields: readonly [keyof OwnSize, string, string][] = [
    ["cpus", "CPUs", "2"],
    ["memory", "Memory in GiB", "4"],
    ["gpus", "GPUs", "0"],
  ];
  return (
    <Grid gap="lg">
      <Grid.Col span={12}>
        <NativeSelect
          label="Size"
          description={ceiling && sizeWords(ceiling) ? `At most ${sizeWords(ceiling)}.` : undefined}
          data={templateSizes(template, quota)}
          value={choice}
          error={choice === OWN ? null : (errors.size ?? null)}
          onChange={(event) => onChoice(event.currentTarget.value)}
        />
      </Grid.Col>
      {choice === OWN &&
        fields
          .filter(([field]) => field !== "gpus" || mostGpus(template) > 0)
          .map(([field, label, placeholder], index) => (
            <Grid.Col key={field} span={{ base: 12, xs: 4 }}>
              <TextInput
                label={label}
                inputMode="decimal"
                placeholder={placeholder}
                autoComplete="off"
                error={errors[field] ?? (index === 0 ? (errors.size ?? null) : null)}
                value={own[field]}
                onChange={(event) => onOwn({ ...own, [field]: event.currentTarget.value })}
              />
            </Grid.Col>
          ))}
    </Grid>
  );
}
