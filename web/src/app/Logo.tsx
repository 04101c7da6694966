import { Group, Text } from "@mantine/core";

/** A desk with a side wall and a lit lamp: the carrel. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#14614c" />
      <path
        d="M8 24.5v-15A1.5 1.5 0 0 1 9.5 8H13"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <path
        d="M8 18.5h16v6"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M14.5 12.5a4.5 4.5 0 0 1 9 0z" fill="#ffd479" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <Group gap={10} wrap="nowrap">
      <Logo />
      <Text component="span" fw={650} fz={17} lh={1} lts="-0.01em">
        Carrel
      </Text>
    </Group>
  );
}
