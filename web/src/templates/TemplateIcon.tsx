import {
  Boxes,
  Brain,
  CodeXml,
  Container,
  Database,
  FlaskConical,
  Gamepad2,
  Globe,
  LayoutTemplate,
  Notebook,
  Rocket,
  Server,
  SquareTerminal,
  type LucideIcon,
} from "lucide-react";
import classes from "./templates.module.css";

const NAMED: Record<string, LucideIcon> = {
  code: CodeXml,
  python: CodeXml,
  container: Container,
  docker: Container,
  compose: Boxes,
  database: Database,
  data: Database,
  postgresql: Database,
  jupyter: Notebook,
  notebook: Notebook,
  ml: Brain,
  science: FlaskConical,
  game: Gamepad2,
  web: Globe,
  server: Server,
  terminal: SquareTerminal,
  rocket: Rocket,
};

/** A family of four with colours of skin has about as many UTF-16 units. */
const MOST_UNITS = 24;

/** The icon that a template names: one of ours, or an emoji. What is neither is not shown as text. */
export function TemplateIcon({ icon, size = "md" }: { icon: string; size?: "md" | "lg" }) {
  const isEmoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(icon) && icon.length <= MOST_UNITS;
  const Icon = NAMED[icon.toLowerCase()] ?? LayoutTemplate;
  return (
    <span className={classes.icon} data-size={size} aria-hidden="true">
      {isEmoji ? icon : <Icon size={size === "lg" ? 26 : 20} strokeWidth={1.6} />}
    </span>
  );
}
