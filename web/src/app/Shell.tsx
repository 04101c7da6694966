import {
  ActionIcon,
  Container,
  Loader,
  Menu,
  useMantineColorScheme,
  type MantineColorScheme,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  Check,
  CircleUser,
  FolderKanban,
  Monitor,
  Moon,
  ScrollText,
  Settings,
  Sun,
  Users,
} from "lucide-react";
import { Link, NavLink, Outlet, ScrollRestoration } from "react-router";
import type { Session } from "~/api/types";
import { useLiveState } from "~/live/LiveWorkspaces";
import { readsWholeAudit } from "~/projects/rights";
import { SignOut } from "~/session/SignOut";
import { managesPeople } from "~/users/queries";
import { Wordmark } from "./Logo";
import classes from "./Shell.module.css";

/** Header, navigation and the page below them. */
export function Shell({ session }: { session: Session }) {
  const isGuest = session.role === "guest";
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Container size="lg" className={classes.bar}>
          <Link to="/" className={classes.home} aria-label="Carrel, all workspaces">
            <Wordmark />
          </Link>
          {!isGuest && (
            <nav aria-label="Main">
              <NavLink to="/" end className={classes.link ?? ""}>
                Workspaces
              </NavLink>
              <NavLink to="/templates" className={classes.link ?? ""}>
                Templates
              </NavLink>
              <NavLink to="/trash" className={classes.link ?? ""}>
                Trash
              </NavLink>
            </nav>
          )}
          <UserMenu session={session} />
        </Container>
      </header>
      <ConnectionLost />
      <Container component="main" id="content" size="lg" py="xl" tabIndex={-1}>
        <Outlet />
      </Container>
      <ScrollRestoration />
    </>
  );
}

/** Says so when changes are no longer heard of; an interruption of a second or two is nobody's business. */
function ConnectionLost() {
  const state = useLiveState();
  const [settled] = useDebouncedValue(state, 2500);
  const lost = state === "lost" && settled === "lost";
  return (
    <div role="status">
      {lost && (
        <div className={classes.lost}>
          <Loader size={14} color="amber" aria-hidden="true" />
          The connection to Carrel is lost. Trying again; workspaces go on running.
        </div>
      )}
    </div>
  );
}

const SCHEMES: readonly [MantineColorScheme, string, typeof Sun][] = [
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
  ["auto", "As the system", Monitor],
];

function UserMenu({ session }: { session: Session }) {
  const isGuest = session.role === "guest";
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={210} shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" ml="auto" aria-label={`Menu of ${session.user}`}>
          <CircleUser size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{isGuest ? `Here as ${session.user}` : `Signed in as ${session.user}`}</Menu.Label>
        {!isGuest && (
          <Menu.Item component={Link} to="/settings" leftSection={<Settings size={16} />}>
            Settings
          </Menu.Item>
        )}
        {!isGuest && (
          <Menu.Item component={Link} to="/projects" leftSection={<FolderKanban size={16} />}>
            Projects
          </Menu.Item>
        )}
        {managesPeople(session) && (
          <Menu.Item component={Link} to="/users" leftSection={<Users size={16} />}>
            Users
          </Menu.Item>
        )}
        {(readsWholeAudit(session) || session.role === "maintainer") && (
          <Menu.Item component={Link} to="/audit" leftSection={<ScrollText size={16} />}>
            Audit
          </Menu.Item>
        )}
        {!isGuest && <Menu.Divider />}
        {SCHEMES.map(([scheme, label, Icon]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={<Icon size={16} />}
            rightSection={colorScheme === scheme ? <Check size={16} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <SignOut session={session} />
      </Menu.Dropdown>
    </Menu>
  );
}
