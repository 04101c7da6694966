"""Templates: folders with a template.yaml that people make workspaces from."""
