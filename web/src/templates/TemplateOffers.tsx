import { Anchor, Card, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { templatePath, templatesQuery, templateTitle } from "./queries";
import { TemplateIcon } from "./TemplateIcon";
import classes from "./templates.module.css";

/** As many as are read at a glance; the rest is in the catalog. */
const AT_A_GLANCE = 6;

/** Templates to begin with, beside the form for a repository; nothing where there are none. */
export function TemplateOffers() {
  const items = useQuery(templatesQuery).data?.items ?? [];
  const offered = items.filter(({ may, withdrawn }) => may.includes("use") && !withdrawn);
  if (offered.length === 0) return null;
  return (
    <Card component="section" aria-label="Templates" mt="md" mb="xl">
      <Text fw={600} mb="sm">
        From a template
      </Text>
      <ul className={classes.offers}>
        {offered.slice(0, AT_A_GLANCE).map((template) => (
          <li key={`${template.project}/${template.name}`}>
            <Link to={templatePath(template, "new")} className={classes.offer} title={template.description}>
              <TemplateIcon icon={template.icon} />
              <span>{templateTitle(template)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {offered.length > AT_A_GLANCE && (
        <Text size="sm" mt="sm">
          <Anchor component={Link} to="/templates" inherit underline="always">
            All {offered.length} templates
          </Anchor>
        </Text>
      )}
    </Card>
  );
}
