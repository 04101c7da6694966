import { Grid, NumberInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import type { Ceilings, LimitsOf } from "~/api/types";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { FormButtons } from "~/design/FormButtons";
import { amount, ceilingsOf, MEASURES, valuesOf, type Measure } from "./measures";

interface LimitsFormProps {
  limits: LimitsOf;
  store: (own: Ceilings) => Promise<unknown>;
  onDone: () => void;
}

/** What one project or user may have in the place of what the settings say. */
export function LimitsForm({ limits, store, onDone }: LimitsFormProps) {
  const form = useForm({ initialValues: valuesOf(limits.own) });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => store(ceilingsOf(values)),
    onSuccess: () => {
      tellDone("It is stored. What runs goes on running.");
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <Grid gap="md">
          {MEASURES.map(({ measure, label, about, suffix, digits }) => {
            const { value, onChange } = form.getInputProps(measure) as FieldProps;
            return (
              <Grid.Col key={measure} span={{ base: 12, xs: 6, md: 4 }}>
                <NumberInput
                  label={label}
                  description={about}
                  placeholder={placeholder(limits, measure)}
                  min={0}
                  max={2 ** 20}
                  allowNegative={false}
                  decimalScale={digits}
                  suffix={suffix}
                  value={value}
                  onChange={(typed) => onChange(typed === "" ? "" : Number(typed))}
                />
              </Grid.Col>
            );
          })}
        </Grid>
        {save.isError && <QueryProblem error={save.error} />}
        <FormButtons label="Save" onCancel={onDone} loading={save.isPending} />
      </Stack>
    </form>
  );
}

interface FieldProps {
  value: number | "";
  onChange: (value: number | "") => void;
}

/** What holds where the field is left empty. */
function placeholder({ own, ceilings }: LimitsOf, measure: Measure): string {
  // Where something was said of this one, what the settings say is not told.
  if (own[measure] !== null) return "as the settings say";
  const most = ceilings[measure];
  return most === null ? "no limit" : `${amount(measure, most)}, as the settings say`;
}
