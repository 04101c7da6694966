import { expect, test } from "vitest";
import type { Ssh } from "~/api/types";
import { desktopLink, gatewayCommand, hostAlias } from "./ways";

const own = { name: "blog", owner: "ana" };
const ssh = { enabled: true, host: "carrel.example.org", port: 2222 } as Ssh;

test("one's own has its name, and somebody else's the owner's beside it", () => {
  expect(hostAlias(own, "ana")).toBe("blog.carrel");
  expect(hostAlias(own, "bo")).toBe("blog--ana.carrel");
});

test("desktop VS Code opens the folder, whatever its name", () => {
  expect(desktopLink(own, "ana", "/workspaces/my blog")).toBe(
    "vscode://vscode-remote/ssh-remote+blog.carrel/workspaces/my%20blog",
  );
});

test("the gateway's port is named unless it is the usual one", () => {
  expect(gatewayCommand(own, "ana", ssh)).toBe("ssh blog@carrel.example.org -p 2222");
  expect(gatewayCommand(own, "bo", { ...ssh, port: 22 })).toBe("ssh blog--ana@carrel.example.org");
  expect(gatewayCommand(own, "ana", { ...ssh, enabled: false })).toBe("");
  expect(gatewayCommand(own, "ana", undefined)).toBe("");
});
