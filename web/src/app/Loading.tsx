import { Center, Loader } from "@mantine/core";

/** While nothing is known yet. */
export function Loading() {
  return (
    <Center h="60dvh">
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}
