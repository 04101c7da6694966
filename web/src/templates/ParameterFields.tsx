import { NativeSelect, Stack, Switch, TextInput } from "@mantine/core";
import type { TemplateParameter } from "~/api/types";
import { titleOf, type Written } from "./parameters";

interface ParameterFieldsProps {
  parameters: readonly TemplateParameter[];
  written: Written;
  errors: Written;
  onChange: (name: string, text: string) => void;
  /** Say of those that stay as they are chosen now. */
  fixing?: boolean;
}

/** A field for each parameter, of its kind. */
export function ParameterFields({ parameters, written, errors, onChange, fixing }: ParameterFieldsProps) {
  if (parameters.length === 0) return null;
  return (
    <Stack gap="lg">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          text={written[parameter.name] ?? ""}
          error={errors[parameter.name]}
          note={fixing && !parameter.mutable ? "It stays as it is chosen now." : ""}
          onChange={(text) => onChange(parameter.name, text)}
        />
      ))}
    </Stack>
  );
}

interface ParameterFieldProps {
  parameter: TemplateParameter;
  text: string;
  error: string | undefined;
  note: string;
  onChange: (text: string) => void;
}

function ParameterField({ parameter, text, error, note, onChange }: ParameterFieldProps) {
  const { type, choices, pattern } = parameter;
  const needed = parameter.default === null;
  const common = {
    label: titleOf(parameter),
    description: [parameter.description, bounds(parameter), note].filter(Boolean).join(" "),
    error: error ?? null,
    required: needed,
    value: text,
    name: parameter.name,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  if (type === "boolean" && !needed) {
    const { label, description } = common;
    return (
      <Switch
        label={label}
        description={description}
        error={error ?? null}
        checked={text === "true"}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    );
  }
  if (type === "boolean" || type === "choice") {
    const offered =
      type === "choice"
        ? choices.map((value) => ({ value, label: value }))
        : [
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ];
    const unsaid = needed ? [{ value: "", label: "Choose…", disabled: text !== "" }] : [];
    return <NativeSelect {...common} data={[...unsaid, ...offered]} />;
  }
  return (
    <TextInput
      {...common}
      inputMode={type === "number" ? (parameter.whole ? "numeric" : "decimal") : "text"}
      spellCheck={false}
      autoCapitalize="none"
      autoComplete="off"
      title={pattern}
    />
  );
}

function bounds({ minimum, maximum }: TemplateParameter): string {
  if (minimum !== null && maximum !== null) return `From ${minimum} to ${maximum}.`;
  if (minimum !== null) return `At least ${minimum}.`;
  return maximum !== null ? `At most ${maximum}.` : "";
}
