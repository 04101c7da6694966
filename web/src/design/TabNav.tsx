import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import classes from "./TabNav.module.css";

interface TabNavProps {
  /** Of what these are the tabs. */
  label: string;
  /** Path below the page's own, the empty one for the first tab, and what it is called. */
  tabs: readonly (readonly [path: string, label: string])[];
}

/** The tabs of a page; each has an address of its own, so these are links. */
export function TabNav({ label, tabs }: TabNavProps) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);

  useEffect(() => {
    // On a narrow page the row scrolls, and the current one may lie outside.
    nav.current
      ?.querySelector('[aria-current="page"]')
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);

  return (
    <nav ref={nav} className={classes.tabs} aria-label={label}>
      {tabs.map(([path, name]) => (
        <NavLink key={path} to={path} end preventScrollReset className={classes.tab ?? ""}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
