import type { RouteObject } from "react-router";

/** The catalog, fetched when somebody goes there. */
export const templateRoutes: RouteObject[] = [
  {
    path: "templates",
    lazy: async () => ({ Component: (await import("./TemplatesPage")).TemplatesPage }),
  },
  {
    path: "templates/:name",
    lazy: async () => ({ Component: (await import("./TemplatePage")).TemplatePage }),
  },
  {
    path: "templates/:name/new",
    lazy: async () => ({ Component: (await import("./NewFromTemplatePage")).NewFromTemplatePage }),
  },
  {
    path: "template-repositories",
    lazy: async () => ({
      Component: (await import("./repositories/RepositoriesPage")).RepositoriesPage,
    }),
  },
];
