import { Radio, Stack } from "@mantine/core";
import type { Level } from "~/api/types";
import { LEVELS } from "~/workspaces/rights";

interface LevelFieldProps {
  value: Level;
  onChange: (value: Level) => void;
}

/** How much is given. */
export function LevelField({ value, onChange }: LevelFieldProps) {
  return (
    <Radio.Group label="They may" value={value} onChange={(level) => onChange(level)}>
      <Stack gap="sm" mt={6}>
        {(Object.keys(LEVELS) as Level[]).map((level) => (
          <Radio key={level} value={level} label={LEVELS[level].label} description={LEVELS[level].gives} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
