import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { styleNonce } from "~/app/nonce";
import { cssVariables, theme } from "~/app/theme";
import { Wordmark } from "~/app/Logo";
import "@mantine/core/styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <Wordmark />
    </MantineProvider>
  </StrictMode>,
);
