import type { ReactNode } from "react";
import classes from "./Facts.module.css";

interface FactsProps {
  /** Term and description; rows without a description are left out. */
  rows: readonly (readonly [string, ReactNode])[];
}

/** A list of terms with what is known of each. */
export function Facts({ rows }: FactsProps) {
  return (
    <dl className={classes.facts}>
      {rows
        .filter(([, description]) => description !== undefined && description !== null && description !== "")
        .map(([term, description]) => (
          <div key={term} style={{ display: "contents" }}>
            <dt>{term}</dt>
            <dd>{description}</dd>
          </div>
        ))}
    </dl>
  );
}
