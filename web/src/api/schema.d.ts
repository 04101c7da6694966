// Generated from docs/reference/openapi.json by `npm run api`; changes here are lost.

export interface paths {
    "/api/v1/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Workspaces
         * @description The workspaces that you may see, newest first.
         */
        get: operations["list_workspaces"];
        put?: never;
        /**
         * Create Workspace
         * @description Make a workspace, and start it unless `start` is false. The same key and request again: 200 and the same one.
         */
        post: operations["create_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Workspace
         * @description One workspace, by id or by name (of `owner`; without it your own).
         */
        get: operations["get_workspace"];
        put?: never;
        post?: never;
        /**
         * Delete Workspace
         * @description Delete a workspace: its files stay in the trash until `purge_after`.
         */
        delete: operations["delete_workspace"];
        options?: never;
        head?: never;
        /**
         * Update Workspace
         * @description Change settings of a workspace.
         */
        patch: operations["update_workspace"];
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start Workspace
         * @description Start it; a running one is left alone, a failed one is tried again.
         */
        post: operations["start_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop Workspace
         * @description Stop it; its files are kept. Legal in every phase.
         */
        post: operations["stop_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restart Workspace
         * @description Stop it where it runs, and start it.
         */
        post: operations["restart_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rebuild Workspace
         * @description Read its configuration again, build what that asks for, and start it so.
         */
        post: operations["rebuild_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/undelete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undelete Workspace
         * @description Take it out of the trash; it is then stopped.
         */
        post: operations["undelete_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend Workspace
         * @description Move the end of this start's life.
         */
        post: operations["extend_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Archive Workspace
         * @description Put it aside: it stops, and is marked.
         */
        post: operations["archive_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/unarchive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unarchive Workspace
         * @description Take the mark away.
         */
        post: operations["unarchive_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/environment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Environment
         * @description What its configuration came to.
         */
        get: operations["get_environment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Events
         * @description What happened to a workspace, from a number on.
         */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List All Events
         * @description What happened to the workspaces that you may see. As a stream: what happens from now on.
         */
        get: operations["list_all_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/folder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Folder
         * @description What is in a folder of a running workspace.
         */
        get: operations["list_folder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download
         * @description Download a file, or a folder as an archive; always as an attachment.
         */
        get: operations["download"];
        /**
         * Upload
         * @description Write a file: the body is its content, of any size. It appears when it is whole, or not at all.
         */
        put: operations["upload"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read Logs
         * @description The log streams, and a page of the one named. As a stream: what that one (or all) holds and what is added.
         *
         *     `app:NAME` is what an app of a running workspace prints; it is not among the streams, nor in all.
         */
        get: operations["read_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Timeline
         * @description Where the time of a start went.
         */
        get: operations["get_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Why
         * @description Why it is alive and when it will stop, from recorded signals; why it was stopped, and what becomes of it.
         */
        get: operations["get_why"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Apps
         * @description Apps with address and state; for a guest those that he may open.
         */
        get: operations["list_apps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/ports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Ports
         * @description Ports that something listens on, that the configuration forwards, or that were opened; for a guest those that he may open.
         */
        get: operations["list_ports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/ports/{port}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Open Port
         * @description Open a port to the project or to everybody, or make it private again: then what is open by it ends within 5 seconds.
         */
        put: operations["open_port"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/apps/{app}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Open App
         * @description Open an app as far as its configuration allows (`share`), or make it private again.
         */
        put: operations["open_app"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Shares
         * @description To whom a workspace is given.
         */
        get: operations["list_shares"];
        put?: never;
        /**
         * Share Workspace
         * @description Give a workspace to a user, in the place of what he was given before, or make a guest link.
         */
        post: operations["share_workspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/shares/{share}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Unshare Workspace
         * @description Take a share away, or give back what was shared with you; what is open by it ends within 5 seconds.
         */
        delete: operations["unshare_workspace"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List People
         * @description Who is in a workspace now; nobody where it does not run.
         */
        get: operations["list_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/hooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Hooks
         * @description What became of each hook in this start; none where it does not run.
         */
        get: operations["list_hooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/hooks/{stage}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run Hooks
         * @description Run a stage (`postCreate`, also `postCreateCommand`) again, and then what its failure had kept from running.
         */
        post: operations["run_hooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Inspect Source
         * @description Look at a repository: fetched and read, and left nowhere. The same problems as at creation.
         */
        post: operations["inspect_source"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/image-builds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Build Image
         * @description Make an image for workspaces of this project, and stream the log; one that is being made is joined.
         *
         *     Whoever goes away ends the stream and not the build; asking again finds it.
         */
        post: operations["build_image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prebuilds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Prebuilds
         * @description Your prebuilds, newest first.
         */
        get: operations["list_prebuilds"];
        put?: never;
        /**
         * Create Prebuild
         * @description Make a workspace that runs everything up to and including updateContentCommand, and then waits for its user.
         */
        post: operations["create_prebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/terminals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Terminals
         * @description Terminals that live; none where it does not run.
         */
        get: operations["list_terminals"];
        put?: never;
        /**
         * Create Terminal
         * @description Make a terminal; one of this name that lives is answered with 200, and left as it is.
         */
        post: operations["create_terminal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/terminals/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Close Terminal
         * @description End a terminal and what runs in it.
         */
        delete: operations["close_terminal"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Session
         * @description Who you are.
         */
        get: operations["get_session"];
        put?: never;
        /**
         * Sign In
         * @description Sign a browser in: sets the session cookie.
         */
        post: operations["sign_in"];
        /**
         * Sign Out
         * @description Sign this browser out; also of every app. A personal token that is used for this is revoked.
         */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make Login Link
         * @description Make a link that signs a browser in as you, once, within a few minutes.
         */
        post: operations["make_login_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/ways": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sign In Ways
         * @description How one may sign in; open to everybody.
         */
        get: operations["list_sign_in_ways"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Identities
         * @description The accounts at identity providers with which you sign in.
         */
        get: operations["list_identities"];
        put?: never;
        /**
         * Begin Linking
         * @description Begin to link an identity with your account: the browser that asked goes to `url`, and comes back linked.
         */
        post: operations["begin_linking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identities/{identity}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Unlink Identity
         * @description Sign in with this identity no more.
         */
        delete: operations["unlink_identity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In With Password
         * @description Sign a browser in with name and password: sets the session cookie. Whatever is wrong, the answer is the same.
         */
        post: operations["sign_in_with_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Password
         * @description Choose another password; it takes the old one. Your other browsers are signed out.
         */
        put: operations["put_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept Invite
         * @description Choose a password by an invitation, which is used up, and be signed in: sets the session cookie.
         */
        post: operations["accept_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite User
         * @description Make a link with which this person chooses a password, once; an earlier one is over.
         */
        post: operations["invite_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Users
         * @description Who has an account: those who are disabled too for who manages people.
         */
        get: operations["list_users"];
        put?: never;
        /**
         * Add User
         * @description Make an account; a login link lets its person in.
         */
        post: operations["add_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change User
         * @description Give another role or profile, disable, or enable again; what a disabled user has open ends within 5 seconds.
         */
        patch: operations["change_user"];
        trace?: never;
    };
    "/api/v1/users/{user}/login-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make Login Link Of User
         * @description Make a link that signs a browser in as this user, once.
         */
        post: operations["make_login_link_of_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Me
         * @description Your account.
         */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change Me
         * @description Change your full name or e-mail address.
         */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/v1/projects/{project}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Policy
         * @description How long workspaces of a project run, rest and stay in the trash.
         */
        get: operations["get_policy"];
        /**
         * Put Policy
         * @description Choose the policy of a project, for administrators; it applies to its workspaces at once.
         */
        put: operations["put_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Projects
         * @description The projects that you know of.
         */
        get: operations["list_projects"];
        put?: never;
        /**
         * Create Project
         * @description Make a project: for administrators.
         */
        post: operations["create_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Project
         * @description A project.
         */
        get: operations["get_project"];
        put?: never;
        post?: never;
        /**
         * Delete Project
         * @description Remove a project in which there are no workspaces, not in the trash either, and no secrets.
         */
        delete: operations["delete_project"];
        options?: never;
        head?: never;
        /**
         * Change Project
         * @description Change a project: for administrators.
         */
        patch: operations["change_project"];
        trace?: never;
    };
    "/api/v1/projects/{project}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Members
         * @description Who is what in a project, for its members.
         */
        get: operations["list_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/members/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Member
         * @description Make somebody a member, or something else than he was: for maintainers. A lower role takes effect at once.
         */
        put: operations["put_member"];
        post?: never;
        /**
         * Remove Member
         * @description End a membership, or your own; what is open by it ends within 5 seconds, and his workspaces stay, closed to him.
         */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Templates
         * @description The templates that you may see, withdrawn ones among them.
         */
        get: operations["list_templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Template
         * @description A template with its parameters, sizes and files.
         */
        get: operations["get_template"];
        /**
         * Put Template
         * @description Put a template into the catalog. 201: it is new, or a new version; 200: its newest version is the same.
         */
        put: operations["put_template"];
        post?: never;
        /**
         * Delete Template
         * @description Take a template out of the catalog, with all versions. Workspaces of it go on.
         */
        delete: operations["delete_template"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/template-repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Template Repositories
         * @description Repositories whose templates you see.
         */
        get: operations["list_template_repositories"];
        put?: never;
        /**
         * Add Template Repository
         * @description Have the templates of a repository in the catalog. It is read at once, and again as the server is set.
         */
        post: operations["add_template_repository"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/template-repositories/{repository}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Template Repository
         * @description Synchronise with it no longer: its templates are withdrawn, and workspaces made from them go on.
         */
        delete: operations["remove_template_repository"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/template-repositories/{repository}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sync Template Repository
         * @description Read it now; answered when it was read.
         */
        post: operations["sync_template_repository"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tokens
         * @description Your personal tokens and browser sessions.
         */
        get: operations["list_tokens"];
        put?: never;
        /**
         * Create Token
         * @description Make a personal token; it is shown this once.
         */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token
         * @description Revoke a token, or end a browser session.
         */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tokens Of User
         * @description Tokens and browser sessions of somebody, for who manages people.
         */
        get: operations["list_tokens_of_user"];
        put?: never;
        /**
         * Create Token Of Service
         * @description Make a token of a service account; it is shown this once.
         */
        post: operations["create_token_of_service"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token Of User
         * @description Revoke a token of somebody, or end his browser session, for who manages people.
         */
        delete: operations["revoke_token_of_user"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange Cli Code
         * @description Get a personal token for a code that somebody allowed in a browser, once; see `carrel login URL`.
         */
        post: operations["exchange_cli_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sessions
         * @description Where you are signed in with a browser.
         */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /**
         * Sign Out Everywhere
         * @description Sign all your browsers out, or all but this one. Tokens of programs stay: `GET /tokens` lists them.
         */
        delete: operations["sign_out_everywhere"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Session
         * @description End one of your browser sessions; what is open in it, also of apps, ends within 5 seconds.
         */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/git-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Git Credentials
         * @description Hosts that you stored a credential for.
         */
        get: operations["list_git_credentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/git-credentials/{host}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Git Credential
         * @description Store the credential of a host (`github.com`, `git.example.org:8443`), in the place of an earlier one.
         */
        put: operations["put_git_credential"];
        post?: never;
        /**
         * Delete Git Credential
         * @description Remove the credential of a host.
         */
        delete: operations["delete_git_credential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/git-credentials/{host}/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Git Login
         * @description How far the login is; when it is done the credential is stored.
         */
        get: operations["get_git_login"];
        put?: never;
        /**
         * Begin Git Login
         * @description Begin a login by OAuth's device flow; you go on in a browser, and `GET` of this says when it is done.
         */
        post: operations["begin_git_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signing-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Signing Key
         * @description The public half of your signing key.
         */
        get: operations["get_signing_key"];
        /**
         * Put Signing Key
         * @description Have a signing key: the private half is made and kept by the server, and is never shown.
         */
        put: operations["put_signing_key"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Audit
         * @description Who did what, and what was refused, the newest first: all for auditors, of their projects for maintainers.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Audit
         * @description Everything that matches up to now as JSON lines, the oldest first; the export is a row of the audit itself.
         */
        get: operations["export_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Secrets
         * @description Your own secrets.
         */
        get: operations["list_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Secret
         * @description Store a secret of your own: a variable in those workspaces whose source it is meant for.
         */
        put: operations["put_secret"];
        post?: never;
        /**
         * Delete Secret
         * @description Remove a secret of your own.
         */
        delete: operations["delete_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Project Secrets
         * @description Secrets of a project.
         */
        get: operations["list_project_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Project Secret
         * @description Store a secret of a project: a variable in all its workspaces.
         */
        put: operations["put_project_secret"];
        post?: never;
        /**
         * Delete Project Secret
         * @description Remove a secret of a project.
         */
        delete: operations["delete_project_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/domains/{domain}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Domain Secrets
         * @description Secrets of a project in one domain.
         */
        get: operations["list_domain_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/domains/{domain}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Domain Secret
         * @description Store a secret of a project in one domain: a variable in all its workspaces there.
         */
        put: operations["put_domain_secret"];
        post?: never;
        /**
         * Delete Domain Secret
         * @description Remove a secret of a project in one domain.
         */
        delete: operations["delete_domain_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Workspace Secrets
         * @description What its processes get, and what its repository would like to have.
         */
        get: operations["list_workspace_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put Workspace Secret
         * @description Store a secret of one workspace; where it runs, new processes have it within seconds.
         */
        put: operations["put_workspace_secret"];
        post?: never;
        /**
         * Delete Workspace Secret
         * @description Remove a secret of one workspace.
         */
        delete: operations["delete_workspace_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Preferences
         * @description Your preferences.
         */
        get: operations["get_preferences"];
        /**
         * Put Preferences
         * @description Store your preferences; workspaces follow them from their next start on.
         */
        put: operations["put_preferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Quota
         * @description How you stand in a project: limits, what counts, what you may still ask for.
         */
        get: operations["get_quota"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Project Limits
         * @description What a project may have in all, and what it has.
         */
        get: operations["get_project_limits"];
        /**
         * Set Project Limits
         * @description Say what a project may have in all; what runs goes on running.
         */
        put: operations["set_project_limits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get User Limits
         * @description What a user may have in all, and what he has; others' only for who manages people.
         */
        get: operations["get_user_limits"];
        /**
         * Set User Limits
         * @description Say what a user may have in all; what runs goes on running.
         */
        put: operations["set_user_limits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ssh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Ssh
         * @description Host, port and host key of the SSH gateway.
         */
        get: operations["get_ssh"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ssh-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Ssh Keys
         * @description Your public keys, newest first.
         */
        get: operations["list_ssh_keys"];
        put?: never;
        /**
         * Add Ssh Key
         * @description Store a public key; with it you come by SSH as yourself.
         */
        post: operations["add_ssh_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ssh-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Ssh Key
         * @description Remove a public key; connections made with it end within seconds.
         */
        delete: operations["remove_ssh_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ssh-certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue Ssh Certificate
         * @description Sign a device's key for a few hours; the certificate ends with the token that asks for it.
         */
        post: operations["issue_ssh_certificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Server
         * @description Version, runtime, and the settings that people may see.
         */
        get: operations["get_server"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schemas/workspace.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Workspace Schema
         * @description The JSON Schema of a workspace.yaml: `# yaml-language-server: $schema=URL` in its first line.
         */
        get: operations["get_workspace_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is Alive
         * @description The process answers.
         */
        get: operations["is_alive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is Ready
         * @description Database and runtime can be used; 503 where not.
         */
        get: operations["is_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Metrics
         * @description Figures of the whole installation, in Prometheus' text form.
         */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Accelerator
         * @description An accelerator that may be named.
         */
        Accelerator: {
            /** Name */
            name: string;
            /** Resource */
            resource: string;
        };
        /**
         * Amounts
         * @description So much of each.
         */
        Amounts: {
            /**
             * Workspaces
             * @description The trash excluded.
             */
            workspaces: number;
            /** Running */
            running: number;
            /**
             * Cpus
             * @description Of those that run.
             */
            cpus: number;
            /** Memory Bytes */
            memory_bytes: number;
            /** Gpus */
            gpus: number;
            /**
             * Disk Bytes
             * @description As last measured, the trash included.
             */
            disk_bytes: number;
        };
        /**
         * App
         * @description An app of a workspace.
         */
        App: {
            /** Name */
            name: string;
            /**
             * Title
             * @default
             */
            title: string;
            /**
             * Icon
             * @description One of a known set (docs/guides/apps.md), or an emoji.
             * @default
             */
            icon: string;
            /**
             * Url
             * @description Address on a host of its own; of the terminal: a page of the dashboard.
             */
            url: string;
            /**
             * Share
             * @description The widest circle to which it may be opened: private, project, public.
             * @default private
             */
            share: string;
        };
        /**
         * AppList
         * @description The apps of a workspace.
         */
        AppList: {
            /** Items */
            items: components["schemas"]["AppState"][];
        };
        /**
         * AppState
         * @description An app and how it is.
         */
        AppState: {
            /** Name */
            name: string;
            /**
             * Title
             * @default
             */
            title: string;
            /**
             * Icon
             * @description One of a known set (docs/guides/apps.md), or an emoji.
             * @default
             */
            icon: string;
            /**
             * Url
             * @description Address on a host of its own; of the terminal: a page of the dashboard.
             */
            url: string;
            /**
             * Share
             * @description The widest circle to which it may be opened: private, project, public.
             * @default private
             */
            share: string;
            /** @description `pending`: it starts when it is opened. `done`: it answers. */
            state: components["schemas"]["Progress"];
            /** Detail */
            detail: string;
            /** Restarts */
            restarts: number;
            /**
             * May Open
             * @description You may: as one who may use the workspace, or because it is open to you.
             */
            may_open: boolean;
        };
        /**
         * Archive
         * @description Form of a download.
         * @enum {string}
         */
        Archive: "auto" | "tar" | "zip";
        /**
         * AskedRetention
         * @description When a person wants a workspace to end by itself; None: as the policy says, whatever that is by then.
         */
        AskedRetention: {
            /**
             * Ttl Seconds
             * @description Idleness after which it stops; 0: never.
             */
            ttl_seconds: number | null;
            /**
             * Max Life Seconds
             * @description Life of one start; 0: no cap.
             */
            max_life_seconds: number | null;
            /** @default stop */
            on_idle: components["schemas"]["OnEnd"];
            /** @default stop */
            on_deadline: components["schemas"]["OnEnd"];
        };
        /**
         * AuditPage
         * @description Rows, the newest first.
         */
        AuditPage: {
            /** Items */
            items: components["schemas"]["AuditRow"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * AuditRow
         * @description Who did what to what, or was refused.
         */
        AuditRow: {
            /** Id */
            id: number;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Actor
             * @description The user's name; `guest ...` of a guest; empty: somebody who did not sign in.
             */
            actor: string;
            /** Actor Id */
            actor_id: string;
            /**
             * Action
             * @description `workspace.created`; of a refused request `request.` and its operation.
             */
            action: string;
            /**
             * Subject
             * @description `workspace:ID`, `user:ID` ...
             */
            subject: string;
            /**
             * Named
             * @description Of a workspace: `OWNER/NAME` at that time.
             */
            named: string;
            /** Project */
            project: string;
            /** Domain */
            domain: string;
            outcome: components["schemas"]["Outcome"];
            /**
             * Address
             * @description From where.
             */
            address: string;
            /** Request Id */
            request_id: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /**
         * BrowserSession
         * @description Where you are signed in.
         */
        BrowserSession: {
            /** Id */
            id: string;
            /**
             * Address
             * @description From where it began; empty: it began before this was kept.
             */
            address: string;
            /**
             * Agent
             * @description What the browser says that it is.
             */
            agent: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Used At
             * @description Within five minutes.
             */
            used_at: string | null;
            /** Expires At */
            expires_at: string | null;
            /**
             * Current
             * @description It is the one that asks.
             */
            current: boolean;
        };
        /**
         * BrowserSessionList
         * @description Browser sessions, the newest first.
         */
        BrowserSessionList: {
            /** Items */
            items: components["schemas"]["BrowserSession"][];
        };
        /**
         * Ceilings
         * @description The most of each; null: no limit.
         */
        Ceilings: {
            /** Workspaces */
            workspaces: number | null;
            /** Running */
            running: number | null;
            /** Cpus */
            cpus: number | null;
            /** Memory Bytes */
            memory_bytes: number | null;
            /** Gpus */
            gpus: number | null;
            /** Disk Bytes */
            disk_bytes: number | null;
        };
        /**
         * CeilingsInput
         * @description What one project or user may have in all; null: as the settings say, 0: none.
         */
        CeilingsInput: {
            /** Workspaces */
            workspaces?: number | null;
            /** Running */
            running?: number | null;
            /** Cpus */
            cpus?: number | null;
            /** Memory Bytes */
            memory_bytes?: number | null;
            /** Gpus */
            gpus?: number | null;
            /** Disk Bytes */
            disk_bytes?: number | null;
        };
        /**
         * CodeExchange
         * @description A code that somebody allowed, and the verifier of the challenge that it was allowed for.
         */
        CodeExchange: {
            /** Code */
            code: string;
            /** Verifier */
            verifier: string;
        };
        /**
         * Definition
         * @description What the workspace.yaml of a workspace says besides; as it was sent, in normal form.
         */
        Definition: {
            /** Description */
            description: string;
            /** Image */
            image: string | components["schemas"]["ImageSpecification"];
            /** Accelerator */
            accelerator: string;
            /** On Startup */
            on_startup: string[];
            /** Env */
            env: {
                [key: string]: string;
            };
            /** Wanted Secrets */
            wanted_secrets: components["schemas"]["WantedSecret"][];
            /** Apps */
            apps: {
                [key: string]: unknown;
            }[];
            schedule: components["schemas"]["WorkspaceSchedule"] | null;
            template: components["schemas"]["TemplateUse"] | null;
        };
        /**
         * Dotfiles
         * @description A repository that is cloned into the home and installed there.
         */
        Dotfiles: {
            /**
             * Repository
             * @description Git URL; empty: none.
             * @default
             */
            repository: string;
            /**
             * Target
             * @description Folder in the home.
             * @default ~/dotfiles
             */
            target: string;
            /**
             * Command
             * @description A script of the repository, or a shell line; empty: the first of the usual names, else links.
             * @default
             */
            command: string;
        };
        /**
         * DotfilesInput
         * @description A repository that is cloned into the home and installed there.
         */
        DotfilesInput: {
            /**
             * Repository
             * @description Git URL, or `owner/repository` of GitHub; empty: none.
             * @default
             */
            repository?: string;
            /**
             * Target
             * @description Folder in the home.
             * @default ~/dotfiles
             */
            target?: string;
            /**
             * Command
             * @description A script of the repository, or a shell line; empty: the first of the usual names, else links.
             * @default
             */
            command?: string;
        };
        /**
         * Egress
         * @description What the workspace's network may reach outside.
         * @enum {string}
         */
        Egress: "open" | "none";
        /**
         * EmptySource
         * @description No source: an empty project volume.
         */
        EmptySource: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "empty";
        };
        /**
         * EmptySourceInput
         * @description No source.
         */
        EmptySourceInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "empty";
        };
        /**
         * Ended
         * @description How many sessions were ended.
         */
        Ended: {
            /** Ended */
            ended: number;
        };
        /**
         * Environment
         * @description The environment of the revision that is in use.
         */
        Environment: {
            /**
             * Revision
             * @description 0: its configuration was not read yet, and the rest says nothing.
             * @default 0
             */
            revision: number;
            /**
             * Name
             * @description Display name from the configuration.
             * @default
             */
            name: string;
            /**
             * Config Path
             * @description The configuration that was used; empty: the repository has none.
             * @default
             */
            config_path: string;
            /**
             * Image
             * @default
             */
            image: string;
            /**
             * Remote User
             * @description Empty: the container's own.
             * @default
             */
            remote_user: string;
            /**
             * Workspace Folder
             * @default
             */
            workspace_folder: string;
            /**
             * Forward Ports
             * @description `3000`, or `db:5432` of another service.
             * @default []
             */
            forward_ports: string[];
            /**
             * Ports
             * @description portsAttributes by key; `*` has otherPortsAttributes.
             * @default {}
             */
            ports: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /**
             * Requirements
             * @description hostRequirements, in numbers.
             * @default {}
             */
            requirements: {
                [key: string]: unknown;
            };
            /**
             * Customizations
             * @description Of every tool, as they were written: one entry for each place that says something, the configuration's last.
             * @default {}
             */
            customizations: {
                [key: string]: unknown[];
            };
            /**
             * Notices
             * @default []
             */
            notices: components["schemas"]["Notice"][];
            /**
             * Recovery
             * @description Why it is a recovery environment; empty: it is none.
             * @default
             */
            recovery: string;
        };
        /**
         * Event
         * @description Something that happened to a workspace; docs/reference/events.md lists the kinds.
         */
        Event: {
            /**
             * Workspace
             * @description Its id.
             */
            workspace: string;
            /**
             * Number
             * @description Per workspace, without gaps.
             */
            number: number;
            /** Kind */
            kind: string;
            /** At */
            at: string | null;
            /** Data */
            data: {
                [key: string]: unknown;
            };
        };
        /**
         * EventPage
         * @description Events in order.
         */
        EventPage: {
            /** Items */
            items: components["schemas"]["Event"][];
            /**
             * Last
             * @description For `after`, to read on.
             */
            last: number;
        };
        /**
         * Extend
         * @description By how much.
         */
        Extend: {
            /**
             * Seconds
             * @default 3600
             */
            seconds?: number;
        };
        /**
         * FieldError
         * @description What is wrong with one field of the request.
         */
        FieldError: {
            /** Loc */
            loc: (string | number)[];
            /** Msg */
            msg: string;
        };
        /**
         * File
         * @description Something in a folder.
         */
        File: {
            /**
             * Name
             * @description As text; bytes of it that are no UTF-8 are shown as a replacement character.
             */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "file" | "folder" | "link" | "other";
            /**
             * Target
             * @description Of a link: what is at its end; empty where that is nothing.
             */
            target: string;
            /**
             * Size
             * @description Bytes of a file.
             */
            size: number | null;
            /**
             * Modified
             * Format: date-time
             */
            modified: string;
            /**
             * Mode
             * @description Permissions, as a number.
             */
            mode: number;
        };
        /**
         * FileWritten
         * @description What came of an upload.
         */
        FileWritten: {
            /** Path */
            path: string;
            /** Size */
            size: number;
        };
        /**
         * Folder
         * @description What is in a folder, folders first.
         */
        Folder: {
            /**
             * Path
             * @description Absolute, links resolved.
             */
            path: string;
            /** Items */
            items: components["schemas"]["File"][];
            /**
             * Whole
             * @description False: it has more entries than were asked for.
             */
            whole: boolean;
        };
        /**
         * FolderSource
         * @description A folder on the owner's machine, bind-mounted; delete never touches it.
         */
        FolderSource: {
            /** Path */
            path: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "folder";
        };
        /**
         * FolderSourceInput
         * @description A folder of the server's machine; only in local mode, for the owner.
         */
        FolderSourceInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "folder";
            /** Path */
            path: string;
        };
        /**
         * GitCredential
         * @description A stored credential, without its token.
         */
        GitCredential: {
            /** Host */
            host: string;
            /** Username */
            username: string;
            /**
             * Kind
             * @description `login`: it came by `carrel git-credential login`, and is renewed while it is used.
             * @enum {string}
             */
            kind: "token" | "login";
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * GitCredentialInput
         * @description A credential to store.
         */
        GitCredentialInput: {
            /**
             * Username
             * @description Empty: what forges take beside a token.
             * @default
             */
            username?: string;
            /** Token */
            token: string;
        };
        /**
         * GitCredentialList
         * @description Your git credentials.
         */
        GitCredentialList: {
            /** Items */
            items: components["schemas"]["GitCredential"][];
        };
        /**
         * GitLogin
         * @description A login at a git host that waits for you (RFC 8628).
         */
        GitLogin: {
            /** Host */
            host: string;
            /**
             * User Code
             * @description To be typed at `verification_uri`.
             */
            user_code: string;
            /** Verification Uri */
            verification_uri: string;
            /**
             * Verification Uri Complete
             * @description The same with the code in it, where the host has such an address.
             */
            verification_uri_complete: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Interval Seconds
             * @description How long to wait before each look at `GET` of this.
             */
            interval_seconds: number;
        };
        /**
         * GitLoginState
         * @description How far a login is.
         */
        GitLoginState: {
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "done";
            /**
             * Interval Seconds
             * @description How long to wait before the next look.
             */
            interval_seconds: number;
        };
        /**
         * GitSource
         * @description A git repository at a ref; `url` holds no credential.
         */
        GitSource: {
            /** Url */
            url: string;
            /**
             * Ref
             * @description Branch, tag, commit, `pull/N` (or a forge's own ref path); empty is the default branch.
             * @default
             */
            ref: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "git";
        };
        /**
         * GitSourceInput
         * @description A git repository; the address holds no credential.
         */
        GitSourceInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "git";
            /** Url */
            url: string;
            /**
             * Ref
             * @description Branch, tag, commit or `pull/N`; empty: the default branch.
             * @default
             */
            ref?: string;
        };
        /**
         * Goal
         * @description What a person (or a policy) asked for.
         * @enum {string}
         */
        Goal: "run" | "stop" | "delete";
        /**
         * Health
         * @description Whether the server is alive, or ready.
         */
        Health: {
            /** Status */
            status: string;
            /**
             * Problems
             * @description Why it is not ready.
             * @default []
             */
            problems: string[];
        };
        /**
         * Hook
         * @description One command of a hook.
         */
        Hook: {
            /**
             * Stage
             * @description `onCreate`, `updateContent`, `postCreate`, `dotfiles`, `postStart`, `postAttach`, or `extensions`.
             */
            stage: string;
            /**
             * Name
             * @description Of a command that runs beside others; empty: the only one.
             */
            name: string;
            /**
             * Origin
             * @description `devcontainer.json`, `feature ID`, `image`.
             */
            origin: string;
            state: components["schemas"]["Progress"];
            /** Exit Code */
            exit_code: number | null;
            /** Began */
            began: string | null;
            /** Ended */
            ended: string | null;
            /**
             * Detail
             * @description Why it failed, where the exit code does not say it.
             */
            detail: string;
            /**
             * Log
             * @description Its log stream.
             */
            log: string;
        };
        /**
         * HookList
         * @description The hooks of a workspace, in the order in which they run.
         */
        HookList: {
            /** Items */
            items: components["schemas"]["Hook"][];
        };
        /**
         * Identity
         * @description An account at an identity provider with which you sign in.
         */
        Identity: {
            /** Id */
            id: string;
            /** Issuer */
            issuer: string;
            /**
             * Email
             * @description As the provider verified it; empty: it did not.
             */
            email: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Used At */
            used_at: string | null;
        };
        /**
         * IdentityList
         * @description Your identities.
         */
        IdentityList: {
            /** Items */
            items: components["schemas"]["Identity"][];
        };
        /**
         * ImageBuildInput
         * @description Which image: a specification, or a name.
         */
        ImageBuildInput: {
            /**
             * Specification
             * @description As `container_image` of a workspace.yaml has it.
             */
            specification?: {
                [key: string]: unknown;
            } | null;
            /**
             * Image
             * @description A name in the place of a specification: the image is pulled, or built where it is one of Carrel's own.
             * @default
             */
            image?: string;
            /**
             * Project
             * @description For whose workspaces; empty: as your preferences or the settings say.
             * @default
             */
            project?: string;
            /**
             * Domain
             * @default
             */
            domain?: string;
        };
        /**
         * ImageBuildLine
         * @description A line of the answer: some of the log; or, as the last one, what it came to.
         */
        ImageBuildLine: {
            /**
             * Line
             * @description A line of the log.
             */
            line: string | null;
            /**
             * Image
             * @description Last: the image's name.
             */
            image: string | null;
            /**
             * Built
             * @description Last: it was built just now.
             */
            built: boolean | null;
            /**
             * Pushed
             * @description Last: its name in the registry of the specification; empty: it was not pushed.
             */
            pushed: string | null;
            /** @description Last, in the place of the others: why there is no image. */
            problem: components["schemas"]["Problem"] | null;
        };
        /**
         * ImageSpecification
         * @description An image to be made, tagged by the content of all of this.
         */
        ImageSpecification: {
            /** Name */
            name: string;
            /**
             * Builder
             * @description `carrel`; `union` means the same.
             * @default carrel
             */
            builder?: string;
            /**
             * Packages
             * @description Of Python, installed by uv.
             * @default []
             */
            packages?: string[];
            /**
             * Python Version
             * @description `3.12`; empty: the base image's.
             * @default
             */
            python_version?: string;
            /**
             * Apt Packages
             * @default []
             */
            apt_packages?: string[];
            /**
             * Requirements
             * @description Lines of a requirements file.
             * @default []
             */
            requirements?: string[];
            /**
             * Env
             * @default {}
             */
            env?: {
                [key: string]: string;
            };
            /**
             * Commands
             * @description Shell lines, run last, as root.
             * @default []
             */
            commands?: string[];
            /**
             * Base Image
             * @description Empty: the server's own.
             * @default
             */
            base_image?: string;
            /**
             * Registry
             * @description Where it is pushed, `host/path`; empty: it stays with the engine.
             * @default
             */
            registry?: string;
        };
        /**
         * Inspection
         * @description What a repository asks for; its image and features may ask for more.
         */
        Inspection: {
            /**
             * Configurations
             * @description Paths of all that it has.
             */
            configurations: string[];
            /**
             * Config Path
             * @description The one that would be used; empty: there is none.
             */
            config_path: string;
            /** Name */
            name: string;
            /**
             * Secrets
             * @description What it would like to have, and by whom it would be given.
             */
            secrets: components["schemas"]["WorkspaceSecret"][];
            /** @description hostRequirements, in numbers. */
            requirements: components["schemas"]["Requirements"];
            /**
             * Unmet
             * @description What this server cannot give it, as sentences; it starts with less.
             */
            unmet: string[];
        };
        /**
         * InspectionInput
         * @description What to look at.
         */
        InspectionInput: {
            /** Source */
            source: components["schemas"]["GitSourceInput"] | components["schemas"]["FolderSourceInput"];
            /**
             * Devcontainer
             * @description Path of the devcontainer.json, where there are several.
             * @default
             */
            devcontainer?: string;
            /**
             * Project
             * @default default
             */
            project?: string;
        };
        /**
         * Invite
         * @description An invitation: who has it chooses the user's password, once.
         */
        Invite: {
            /** Url */
            url: string;
            /** Expires In Seconds */
            expires_in_seconds: number;
        };
        /**
         * InviteAccept
         * @description An invitation, and the password that its user chooses.
         */
        InviteAccept: {
            /** Code */
            code: string;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /**
         * InviteCreate
         * @description An invitation to make.
         */
        InviteCreate: {
            /**
             * Expires In Seconds
             * @description Null: three days.
             */
            expires_in_seconds?: number | null;
            /**
             * Reset
             * @description The user's password, sessions and tokens end at once.
             * @default false
             */
            reset?: boolean;
        };
        /**
         * Level
         * @description How much of a workspace a share or a guest link gives.
         * @enum {string}
         */
        Level: "view" | "edit";
        /**
         * Limits
         * @description Ceilings of one container; None means the runtime's default.
         */
        Limits: {
            /** Cpus */
            cpus: number | null;
            /** Memory Bytes */
            memory_bytes: number | null;
            /**
             * Pids
             * @default 4096
             */
            pids: number | null;
            /** Shm Bytes */
            shm_bytes: number | null;
            /**
             * Gpus
             * @default 0
             */
            gpus: number;
        };
        /**
         * LimitsInput
         * @description Size of a workspace; null: as the settings say.
         */
        LimitsInput: {
            /** Cpus */
            cpus?: number | null;
            /** Memory Bytes */
            memory_bytes?: number | null;
            /** Pids */
            pids?: number | null;
            /** Shm Bytes */
            shm_bytes?: number | null;
            /**
             * Gpus
             * @default 0
             */
            gpus?: number;
        };
        /**
         * LimitsOf
         * @description What one project or user may have in all.
         */
        LimitsOf: {
            /** @description What was said of this one; null: as the settings say. */
            own: components["schemas"]["Ceilings"];
            /** @description What holds. */
            ceilings: components["schemas"]["Ceilings"];
            used: components["schemas"]["Amounts"];
        };
        /**
         * LinkDocument
         * @description Where the browser that asked goes to link an identity.
         */
        LinkDocument: {
            /** Url */
            url: string;
        };
        /**
         * LogChunk
         * @description A piece of a log: whole lines, each with its end.
         */
        LogChunk: {
            /** Stream */
            stream: string;
            /** Seq */
            seq: number;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Text */
            text: string;
        };
        /**
         * LogPage
         * @description Streams; and, where one was named, a piece of it.
         */
        LogPage: {
            /** Streams */
            streams: components["schemas"]["LogStream"][];
            /** Items */
            items: components["schemas"]["LogChunk"][];
            /**
             * Last
             * @description For `after`, to read on.
             */
            last: number;
        };
        /**
         * LogStream
         * @description A log stream.
         */
        LogStream: {
            /**
             * Name
             * @description `toolbox`, `source`, `build`, `hook:postCreate` ...
             */
            name: string;
            /**
             * Characters
             * @description Kept.
             */
            characters: number;
            /**
             * Dropped
             * @description Left out between head and tail.
             */
            dropped: number;
            /**
             * Began At
             * Format: date-time
             */
            began_at: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * LoginLink
         * @description A link that signs a browser in, once.
         */
        LoginLink: {
            /** Url */
            url: string;
            /** Expires In Seconds */
            expires_in_seconds: number;
        };
        /**
         * LoginLinkCreate
         * @description A link to make.
         */
        LoginLinkCreate: {
            /**
             * Expires In Seconds
             * @description Null: as the setting `login_link_seconds` says.
             */
            expires_in_seconds?: number | null;
        };
        /**
         * Machine
         * @description What the server's machine has of GPUs.
         */
        Machine: {
            /** Gpus */
            gpus: number;
            /**
             * Counted
             * @description False: the engine says only that there are some.
             */
            counted: boolean;
            /**
             * Accelerator
             * @description Which they are; empty: the engine does not say.
             */
            accelerator: string;
            /** Gpus Used */
            gpus_used: number;
        };
        /**
         * Member
         * @description Who is what in a project.
         */
        Member: {
            /** User */
            user: string;
            /** User Id */
            user_id: string;
            /**
             * Domain
             * @description Empty: in all of them.
             */
            domain: string;
            role: components["schemas"]["Role"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
        };
        /**
         * MemberInput
         * @description What somebody is to be.
         */
        MemberInput: {
            role: components["schemas"]["Role"];
            /**
             * Domain
             * @description Empty: in all of them.
             * @default
             */
            domain?: string;
        };
        /**
         * MemberList
         * @description Members, by name and domain.
         */
        MemberList: {
            /** Items */
            items: components["schemas"]["Member"][];
        };
        /**
         * NewShare
         * @description A share that was just made; the address of a guest link is shown this once.
         */
        NewShare: {
            /** Id */
            id: string;
            /**
             * User
             * @description To whom; empty: it is a guest link.
             */
            user: string;
            /**
             * Guest
             * @description It is a guest link.
             */
            guest: boolean;
            /**
             * Title
             * @description Of a guest link: for whom it was made.
             */
            title: string;
            /**
             * @description `view`: terminals without typing, and the ports that are named. `edit`: the full power of the workspace's user: files,
             *     secrets in its environment, credentials.
             */
            level: components["schemas"]["Level"];
            /** Ports */
            ports: number[];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /**
             * Url
             * @description Of a guest link; whoever has it comes in until it ends. Empty: it is none.
             */
            url: string;
        };
        /**
         * NewTerminal
         * @description A terminal to be made.
         */
        NewTerminal: {
            /** Name */
            name: string;
            /**
             * Command
             * @description A line for the user's shell; empty: the shell itself.
             * @default
             */
            command?: string;
        };
        /**
         * NewToken
         * @description A token that was just made: it is shown this once.
         */
        NewToken: {
            /** Id */
            id: string;
            kind: components["schemas"]["TokenKind"];
            /** Title */
            title: string;
            /**
             * Scopes
             * @description Empty: all that its user may do.
             */
            scopes: components["schemas"]["Scope"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Used At */
            used_at: string | null;
            /** Token */
            token: string;
        };
        /**
         * Notice
         * @description A refusal by policy, or a warning.
         */
        Notice: {
            /** Level */
            level: string;
            /** Key */
            key: string;
            /** Message */
            message: string;
            /**
             * Who
             * @description Who can allow it.
             */
            who: string;
        };
        /**
         * OnEnd
         * @description What idleness or the deadline does.
         * @enum {string}
         */
        OnEnd: "stop" | "delete";
        /**
         * Only
         * @description What may be there already when a secret is stored.
         * @enum {string}
         */
        Only: "" | "new" | "existing";
        /**
         * Opening
         * @description How far a port or an app is open now.
         */
        Opening: {
            /**
             * Name
             * @description A port's number, or an app's name.
             */
            name: string;
            visibility: components["schemas"]["Visibility"];
            /** Expires At */
            expires_at: string | null;
            /** Url */
            url: string;
        };
        /**
         * OpeningUpdate
         * @description How far a port or an app is to be opened.
         */
        OpeningUpdate: {
            visibility: components["schemas"]["Visibility"];
            /**
             * Expires In Seconds
             * @description Null: public for 8 hours, to the project until it is closed.
             */
            expires_in_seconds?: number | null;
        };
        /**
         * Origin
         * @description Whose setting it is.
         * @enum {string}
         */
        Origin: "installation" | "project" | "template" | "workspace";
        /**
         * Outcome
         * @description How it ended.
         * @enum {string}
         */
        Outcome: "done" | "refused";
        /**
         * ParameterType
         * @description What a parameter holds.
         * @enum {string}
         */
        ParameterType: "string" | "number" | "boolean" | "choice";
        /**
         * PasswordInput
         * @description A password to choose.
         */
        PasswordInput: {
            /**
             * Old
             * Format: password
             * @description Empty: there is none yet.
             * @default
             */
            old?: string;
            /**
             * New
             * Format: password
             */
            new: string;
        };
        /**
         * PasswordSignIn
         * @description Name and password.
         */
        PasswordSignIn: {
            /** Name */
            name: string;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /**
         * Person
         * @description Somebody who is in the workspace now.
         */
        Person: {
            /**
             * Name
             * @description User name; that of a guest begins with `guest`.
             */
            name: string;
            /**
             * Ways
             * @description How: `terminal main`, `app code`, `port 8080`, `ssh` ...
             */
            ways: string[];
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Seen
             * Format: date-time
             */
            seen: string;
        };
        /**
         * PersonList
         * @description Who is here.
         */
        PersonList: {
            /** Items */
            items: components["schemas"]["Person"][];
        };
        /**
         * Phase
         * @description What a person sees; derived from goal and facts by `lifecycle.decide`, never assigned.
         * @enum {string}
         */
        Phase: "pending" | "cloning" | "building" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "deleted" | "failed";
        /**
         * PolicyInForce
         * @description What applies in a project to a workspace that asks for nothing, and within which bounds it may ask.
         */
        PolicyInForce: {
            /** Ttl Seconds */
            ttl_seconds: number;
            /** Ttl Min Seconds */
            ttl_min_seconds: number;
            /** Ttl Max Seconds */
            ttl_max_seconds: number;
            /** Max Life Seconds */
            max_life_seconds: number;
            /** Hard Life Seconds */
            hard_life_seconds: number;
            /** Warning Seconds */
            warning_seconds: number;
            /** Archive After Days */
            archive_after_days: number;
            /** Delete After Days */
            delete_after_days: number;
            /** Trash Days */
            trash_days: number;
            /**
             * Notice Days
             * @description How long before each step of retirement people are told.
             */
            notice_days: number[];
            schedule: components["schemas"]["Schedule"] | null;
            /**
             * Set By
             * @description Members that are not the installation's own.
             */
            set_by: {
                [key: string]: components["schemas"]["Origin"];
            };
        };
        /**
         * PolicyNotice
         * @description Something that is about to happen to a workspace, and that its people should know.
         */
        PolicyNotice: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "ending_soon" | "archive" | "trash" | "purge" | "schedule_refused";
            /**
             * At
             * @description When it happens; null: it did.
             */
            at: string | null;
            /**
             * Text
             * @description A sentence, with what to do.
             */
            text: string;
        };
        /**
         * PolicyRule
         * @description A rule of the policy that applies to the workspace.
         */
        PolicyRule: {
            /**
             * Name
             * @enum {string}
             */
            name: "idle" | "life" | "ceiling" | "schedule" | "archive" | "trash" | "purge";
            /**
             * Value
             * @description In words: `30 min`, `never`, `08:30 to 19:00, mon-fri, Europe/Berlin`.
             */
            value: string;
            set_by: components["schemas"]["Origin"];
            /**
             * Next At
             * @description When it does something next, if nothing happens; null: unknown, or never.
             */
            next_at: string | null;
        };
        /**
         * Port
         * @description A port that something listens on, or that the configuration forwards, or that was opened.
         */
        Port: {
            /** Port */
            port: number;
            /** Process */
            process: string;
            /**
             * Address
             * @description What it listens on in the workspace: `*` for every address, else addresses; empty while nothing listens.
             */
            address: string;
            /**
             * Protocol
             * @description http, https, h2c (HTTP/2 without TLS), tcp (none of these), or empty: unknown.
             */
            protocol: string;
            /** Label */
            label: string;
            /**
             * On Auto Forward
             * @description What a tool does when something begins to listen: `notify`, `openBrowser`, `openBrowserOnce`, `openPreview`,
             *     `silent`, `ignore`.
             */
            on_auto_forward: string;
            /**
             * Require Local Port
             * @description A tool on the person's machine must use the same number there.
             */
            require_local_port: boolean;
            /** Elevate If Needed */
            elevate_if_needed: boolean;
            /**
             * Listening
             * @description False: it is in `forwardPorts`, and nothing listens yet.
             */
            listening: boolean;
            /**
             * Url
             * @description Address on a host of its own.
             */
            url: string;
            /** @description Who may open it besides those who may use the workspace, and those to whom it was named. */
            visibility: components["schemas"]["Visibility"];
            /**
             * Expires At
             * @description When it is private again.
             */
            expires_at: string | null;
            /**
             * May Open
             * @description You may: as one who may use the workspace, because a share names it, or because it is open to you.
             */
            may_open: boolean;
        };
        /**
         * PortList
         * @description The ports of a workspace.
         */
        PortList: {
            /** Items */
            items: components["schemas"]["Port"][];
        };
        /**
         * Prebuild
         * @description A prebuild.
         */
        Prebuild: {
            /**
             * Workspace
             * @description Id of the workspace that it is until somebody takes it.
             */
            workspace: string;
            /** Name */
            name: string;
            /** Owner */
            owner: string;
            /** Project */
            project: string;
            source: components["schemas"]["GitSource"];
            /** Devcontainer */
            devcontainer: string;
            phase: components["schemas"]["Phase"];
            /**
             * Ready
             * @description The next workspace of this source takes it.
             */
            ready: boolean;
            /**
             * Image
             * @description What its containers run; empty until it is ready.
             */
            image: string;
            /** Commit */
            commit: string;
            /**
             * Stop Reason
             * @description Why it is not ready, where it has ended without being so.
             */
            stop_reason: string;
            /** Created At */
            created_at: string | null;
        };
        /**
         * PrebuildCreate
         * @description What to prebuild: what a workspace of it would be asked for with.
         */
        PrebuildCreate: {
            source: components["schemas"]["GitSourceInput"];
            /**
             * Devcontainer
             * @description Path of the devcontainer.json to use, where there are several.
             * @default
             */
            devcontainer?: string;
            /**
             * Project
             * @default default
             */
            project?: string;
            /**
             * Domain
             * @default development
             */
            domain?: string;
            /**
             * @default {
             *       "gpus": 0
             *     }
             */
            limits?: components["schemas"]["LimitsInput"];
            /**
             * Allow
             * @default []
             */
            allow?: string[];
            /**
             * Name
             * @description Empty: made from the source's name.
             * @default
             */
            name?: string;
        };
        /**
         * PrebuildList
         * @description Prebuilds.
         */
        PrebuildList: {
            /** Items */
            items: components["schemas"]["Prebuild"][];
        };
        /**
         * Preferences
         * @description Your preferences.
         */
        Preferences: {
            dotfiles: components["schemas"]["Dotfiles"];
            /** Start On Connect */
            start_on_connect: boolean;
            /**
             * Project
             * @description Of new workspaces that name none; empty: as the settings say.
             */
            project: string;
            /** Domain */
            domain: string;
            /**
             * Sign Commits
             * @description Commits and tags that are made in workspaces are signed (`GET /signing-key`).
             */
            sign_commits: boolean;
        };
        /**
         * PreferencesInput
         * @description Preferences to store in the place of the earlier ones.
         */
        PreferencesInput: {
            /**
             * @default {
             *       "repository": "",
             *       "target": "~/dotfiles",
             *       "command": ""
             *     }
             */
            dotfiles?: components["schemas"]["DotfilesInput"];
            /**
             * Start On Connect
             * @description SSH to a stopped workspace starts it first, where it comes from a terminal; `carrel ssh-proxy` asks for it.
             * @default false
             */
            start_on_connect?: boolean;
            /**
             * Project
             * @description Of new workspaces that name none; empty: as the settings say.
             * @default
             */
            project?: string;
            /**
             * Domain
             * @description development, staging or production; empty: as the settings say.
             * @default
             */
            domain?: string;
            /**
             * Sign Commits
             * @description Commits and tags that are made in workspaces are signed; a key is made where there is none.
             * @default false
             */
            sign_commits?: boolean;
        };
        /**
         * Problem
         * @description A failure: what happened, and what to do.
         */
        Problem: {
            /**
             * Type
             * @default about:blank
             */
            type?: string;
            /**
             * Kind
             * @description Stable name; docs/reference/problems.md lists all.
             */
            kind: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /**
             * Hint
             * @description What to do.
             * @default
             */
            hint?: string;
            /**
             * Detail
             * @description About this occurrence.
             * @default
             */
            detail?: string;
            /**
             * Request Id
             * @default
             */
            request_id?: string;
            /** Errors */
            errors?: components["schemas"]["FieldError"][] | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * ProfileUpdate
         * @description What is to be changed; null or absent: this is not.
         */
        ProfileUpdate: {
            /** Full Name */
            full_name?: string | null;
            /**
             * Email
             * @description Shown, and for commits; it proves nothing.
             */
            email?: string | null;
        };
        /**
         * Progress
         * @description State of one hook or app.
         * @enum {string}
         */
        Progress: "pending" | "running" | "done" | "failed" | "skipped";
        /**
         * Project
         * @description A project.
         */
        Project: {
            /** Name */
            name: string;
            /** Description */
            description: string;
            /**
             * Created At
             * @description Null: it is the default project, and nobody has used it.
             */
            created_at: string | null;
            /**
             * You
             * @description What you are in it, by domain; the empty one is all of them. Your role in the installation comes on top.
             */
            you: {
                [key: string]: components["schemas"]["Role"];
            };
        };
        /**
         * ProjectCreate
         * @description A project to make.
         */
        ProjectCreate: {
            /** Name */
            name: string;
            /**
             * Description
             * @default
             */
            description?: string;
        };
        /**
         * ProjectList
         * @description Projects, by name.
         */
        ProjectList: {
            /** Items */
            items: components["schemas"]["Project"][];
        };
        /**
         * ProjectPolicy
         * @description The policy of a project.
         */
        ProjectPolicy: {
            /** Project */
            project: string;
            /** @description What its administrators chose; null: as the settings say. */
            chosen: components["schemas"]["ProjectPolicyInput"];
            in_force: components["schemas"]["PolicyInForce"];
        };
        /**
         * ProjectPolicyInput
         * @description What a project chooses; null or absent: as the settings say.
         */
        ProjectPolicyInput: {
            /**
             * Ttl Seconds
             * @description Idle TTL of workspaces that ask for none; 0: never.
             */
            ttl_seconds?: number | null;
            /**
             * Ttl Min Seconds
             * @description Shortest idle TTL.
             */
            ttl_min_seconds?: number | null;
            /**
             * Ttl Max Seconds
             * @description Longest idle TTL, not above the installation's; 0: none of its own.
             */
            ttl_max_seconds?: number | null;
            /**
             * Max Life Seconds
             * @description Longest life of one start, of workspaces that ask for none; 0: no cap.
             */
            max_life_seconds?: number | null;
            /**
             * Hard Life Seconds
             * @description Ceiling that no extension passes, not above the installation's; 0: none of its own.
             */
            hard_life_seconds?: number | null;
            /**
             * Archive After Days
             * @description Days at rest; 0: never.
             */
            archive_after_days?: number | null;
            /**
             * Delete After Days
             * @description Days at rest after which a workspace goes to the trash; 0: never.
             */
            delete_after_days?: number | null;
            /** Trash Days */
            trash_days?: number | null;
            /** @description Of workspaces that have none of their own. */
            schedule?: components["schemas"]["Schedule"] | null;
        };
        /**
         * ProjectUpdate
         * @description What is to be changed; null or absent: this is not.
         */
        ProjectUpdate: {
            /** Description */
            description?: string | null;
        };
        /**
         * Quota
         * @description How you stand in a project, before you ask for anything.
         */
        Quota: {
            /** Project */
            project: string;
            /** Domain */
            domain: string;
            /**
             * Tiers
             * @description Yours, the project's, the installation's.
             */
            tiers: components["schemas"]["Tier"][];
            /** @description The most of one workspace. */
            workspace: components["schemas"]["Ceilings"];
            /** @description What one more workspace that runs may ask for now: cpus, memory_bytes, gpus. */
            most: components["schemas"]["Ceilings"];
            /**
             * Workspaces Left
             * @description Null: no limit.
             */
            workspaces_left: number | null;
            /** Running Left */
            running_left: number | null;
            /** @description Why none can be made; null: one can. */
            create_problem: components["schemas"]["Problem"] | null;
            /** @description Why none can be started, however small; null: one can. */
            start_problem: components["schemas"]["Problem"] | null;
            /** Accelerators */
            accelerators: components["schemas"]["Accelerator"][];
            /** @description Null: the runtime was not asked yet. */
            machine: components["schemas"]["Machine"] | null;
        };
        /**
         * Rebuild
         * @description How to rebuild.
         */
        Rebuild: {
            /**
             * No Cache
             * @description Build every layer anew.
             * @default false
             */
            no_cache?: boolean;
        };
        /**
         * Requirements
         * @description What the environment asks of a machine; 0 asks for nothing.
         */
        Requirements: {
            /**
             * Cpus
             * @default 0
             */
            cpus: number;
            /**
             * Memory Bytes
             * @default 0
             */
            memory_bytes: number;
            /**
             * Storage Bytes
             * @default 0
             */
            storage_bytes: number;
            /**
             * Gpu
             * @default false
             */
            gpu: boolean;
            /**
             * Gpu Optional
             * @description A GPU is used where there is one, and nothing waits for it.
             * @default false
             */
            gpu_optional: boolean;
            /**
             * Gpu Cores
             * @default 0
             */
            gpu_cores: number;
            /**
             * Gpu Memory Bytes
             * @default 0
             */
            gpu_memory_bytes: number;
        };
        /**
         * Retention
         * @description When a workspace ends by itself, as it is in force: `policy.retention` makes it of policy and wish.
         */
        Retention: {
            /**
             * Ttl Seconds
             * @description Idleness after which it stops; 0: never.
             * @default 1800
             */
            ttl_seconds: number;
            /**
             * Max Life Seconds
             * @description Life of one start, extended in steps of an hour while a counted busy signal lasts; 0: no cap.
             * @default 86400
             */
            max_life_seconds: number;
            /**
             * Hard Life Seconds
             * @description Ceiling that no extension passes; 0: none (an administrator may set one).
             * @default 0
             */
            hard_life_seconds: number;
            /** @default stop */
            on_idle: components["schemas"]["OnEnd"];
            /** @default stop */
            on_deadline: components["schemas"]["OnEnd"];
        };
        /**
         * RetentionInput
         * @description When it ends by itself; a time that is null: as the policy says, whatever that is by then; absent in a change: as it is.
         */
        RetentionInput: {
            /**
             * Ttl Seconds
             * @description Idleness after which it stops; 0: never.
             */
            ttl_seconds?: number | null;
            /**
             * Max Life Seconds
             * @description Life of one start; 0: no cap.
             */
            max_life_seconds?: number | null;
            on_idle?: components["schemas"]["OnEnd"] | null;
            on_deadline?: components["schemas"]["OnEnd"] | null;
        };
        /**
         * Role
         * @description What a person is, in a project or in the whole installation.
         * @enum {string}
         */
        Role: "viewer" | "developer" | "maintainer" | "admin" | "auditor" | "owner" | "guest";
        /**
         * RuntimeSummary
         * @description What people may know of what runs containers.
         */
        RuntimeSummary: {
            /** Name */
            name: string;
            /**
             * Version
             * @default
             */
            version: string;
            /**
             * Architecture
             * @default
             */
            architecture: string;
            /**
             * Builder
             * @default
             */
            builder: string;
            /**
             * Cpus
             * @default 0
             */
            cpus: number;
            /**
             * Memory Bytes
             * @default 0
             */
            memory_bytes: number;
            /**
             * Disk Bytes
             * @default 0
             */
            disk_bytes: number;
            /**
             * Gpus
             * @default 0
             */
            gpus: number;
            /**
             * Shares Folders
             * @description Local folders can be used as a source.
             * @default false
             */
            shares_folders: boolean;
            /**
             * Problem
             * @description Why it cannot be used now; empty: it can.
             * @default
             */
            problem: string;
            /**
             * Notices
             * @default []
             */
            notices: string[];
        };
        /**
         * Schedule
         * @description When a workspace starts and stops by itself.
         */
        Schedule: {
            /**
             * Start
             * @description `HH:MM`; empty: nothing starts it.
             * @default
             */
            start?: string;
            /**
             * Stop
             * @description `HH:MM`; empty: nothing stops it.
             * @default
             */
            stop?: string;
            /**
             * Days
             * @default [
             *       "mon",
             *       "tue",
             *       "wed",
             *       "thu",
             *       "fri"
             *     ]
             */
            days?: string[];
            /**
             * Time Zone
             * @description A name of the IANA database, such as `Europe/Berlin`.
             * @default UTC
             */
            time_zone?: string;
        };
        /**
         * Scope
         * @description What a token may be used for; a token without scopes may do all that its user may.
         * @enum {string}
         */
        Scope: "read" | "use" | "write" | "admin";
        /**
         * SecretInput
         * @description A secret to store.
         */
        SecretInput: {
            /**
             * Value
             * Format: password
             */
            value: string;
            /**
             * Sources
             * @description Your own only: for which repositories, as patterns of their addresses (`https://github.com/me/*`); `*`: all.
             * @default []
             */
            sources?: string[];
            /**
             * Wanted Only
             * @description Your own only, in the place of patterns: it goes to those of your workspaces whose definition wants it.
             * @default false
             */
            wanted_only?: boolean;
        };
        /**
         * SecretList
         * @description Secrets by name.
         */
        SecretList: {
            /** Items */
            items: components["schemas"]["StoredSecret"][];
        };
        /**
         * SecretValueInput
         * @description The value of a secret to store.
         */
        SecretValueInput: {
            /**
             * Value
             * Format: password
             */
            value: string;
        };
        /**
         * Server
         * @description The server.
         */
        Server: {
            /** Version */
            version: string;
            /** Database */
            database: string;
            runtime: components["schemas"]["RuntimeSummary"];
            /**
             * Settings
             * @description Those that people may see; docs/reference/settings.md explains them.
             */
            settings: {
                [key: string]: string | number | boolean | string[];
            };
            /**
             * Git Login Hosts
             * @description Git hosts at which you may log in without a token to copy: `POST /git-credentials/{host}/login`.
             */
            git_login_hosts: string[];
        };
        /**
         * Session
         * @description Who is signed in.
         */
        Session: {
            /** User */
            user: string;
            /** User Id */
            user_id: string;
            role: components["schemas"]["Role"];
        };
        /**
         * Share
         * @description What of a workspace was given to somebody.
         */
        Share: {
            /** Id */
            id: string;
            /**
             * User
             * @description To whom; empty: it is a guest link.
             */
            user: string;
            /**
             * Guest
             * @description It is a guest link.
             */
            guest: boolean;
            /**
             * Title
             * @description Of a guest link: for whom it was made.
             */
            title: string;
            /**
             * @description `view`: terminals without typing, and the ports that are named. `edit`: the full power of the workspace's user: files,
             *     secrets in its environment, credentials.
             */
            level: components["schemas"]["Level"];
            /** Ports */
            ports: number[];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
        };
        /**
         * ShareCreate
         * @description A share to make: with a `user`, or (`guest`) by a link.
         */
        ShareCreate: {
            /**
             * User
             * @default
             */
            user?: string;
            /**
             * Guest
             * @default false
             */
            guest?: boolean;
            /** @default view */
            level?: components["schemas"]["Level"];
            /**
             * Ports
             * @description What `view` opens; `edit` opens all.
             * @default []
             */
            ports?: number[];
            /**
             * Title
             * @description Of a guest link: for whom.
             * @default
             */
            title?: string;
            /**
             * Expires In Seconds
             * @description Null: a guest link two hours, another share until it is taken away.
             */
            expires_in_seconds?: number | null;
        };
        /**
         * ShareList
         * @description The shares of a workspace.
         */
        ShareList: {
            /** Items */
            items: components["schemas"]["Share"][];
        };
        /**
         * SignIn
         * @description A one-time code of a login link, or a personal token.
         */
        SignIn: {
            /** Token */
            token: string;
        };
        /**
         * SignInWays
         * @description How one may sign in to this server, beside login links and tokens.
         */
        SignInWays: {
            /** Password */
            password: boolean;
            /**
             * Oidc
             * @description What the button for the identity provider says; null: there is none.
             */
            oidc: string | null;
        };
        /**
         * Signal
         * @description The latest evidence of one kind of activity.
         */
        Signal: {
            kind: components["schemas"]["SignalKind"];
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Detail */
            detail: string;
        };
        /**
         * SignalKind
         * @description Evidence of activity (design.md, promise 7).
         * @enum {string}
         */
        SignalKind: "input" | "output" | "exec" | "editor" | "busy" | "ai_agent" | "opened";
        /**
         * SigningKey
         * @description The key with which your workspaces sign commits.
         */
        SigningKey: {
            /**
             * Public Key
             * @description An OpenSSH line, to be added to your account at a forge as a signing key; empty: none was made yet.
             */
            public_key: string;
        };
        /**
         * SigningKeyInput
         * @description Wanted: a key.
         */
        SigningKeyInput: {
            /**
             * Anew
             * @description Also where there is one; that one signs no more.
             * @default false
             */
            anew?: boolean;
        };
        /**
         * Span
         * @description A timed piece of a start.
         */
        Span: {
            /** Name */
            name: string;
            /**
             * Began
             * Format: date-time
             */
            began: string;
            /**
             * Ended
             * Format: date-time
             */
            ended: string;
            /** Start */
            start: number;
            /** Detail */
            detail: string;
        };
        /**
         * Ssh
         * @description The way in by SSH: `ssh NAME@host -p PORT`.
         */
        Ssh: {
            /** Enabled */
            enabled: boolean;
            /** Host */
            host: string;
            /**
             * Port
             * @description 0: there is no gateway.
             */
            port: number;
            /**
             * Host Key
             * @description The gateway's public key, one OpenSSH line.
             */
            host_key: string;
            /** Fingerprint */
            fingerprint: string;
            /**
             * Known Hosts
             * @description A line for `known_hosts`; empty where there is no gateway.
             */
            known_hosts: string;
            /**
             * Certificate Hours
             * @description Life of certificates; 0: none are issued.
             */
            certificate_hours: number;
            /**
             * Problem
             * @description Why the gateway does not listen.
             */
            problem: string;
        };
        /**
         * SshCertificate
         * @description A certificate with which one may come by SSH.
         */
        SshCertificate: {
            /**
             * Certificate
             * @description One OpenSSH line, for the file `KEY-cert.pub` beside the key.
             */
            certificate: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
        };
        /**
         * SshCertificateCreate
         * @description A device's key to sign.
         */
        SshCertificateCreate: {
            /**
             * Public Key
             * @description One OpenSSH line.
             */
            public_key: string;
        };
        /**
         * SshKey
         * @description A public key of yours.
         */
        SshKey: {
            /** Id */
            id: string;
            /** Title */
            title: string;
            /** Fingerprint */
            fingerprint: string;
            /** Public Key */
            public_key: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Used At */
            used_at: string | null;
        };
        /**
         * SshKeyCreate
         * @description A public key to store.
         */
        SshKeyCreate: {
            /**
             * Public Key
             * @description One OpenSSH line, as in `id_ed25519.pub`.
             */
            public_key: string;
            /**
             * Title
             * @description Empty: the key's comment.
             * @default
             */
            title?: string;
        };
        /**
         * SshKeyList
         * @description Your public keys, newest first.
         */
        SshKeyList: {
            /** Items */
            items: components["schemas"]["SshKey"][];
        };
        /**
         * StoredSecret
         * @description A stored secret, without its value.
         */
        StoredSecret: {
            /** Name */
            name: string;
            /**
             * Sources
             * @description Your own only: patterns of the addresses whose workspaces get it; none: those whose definition wants it.
             */
            sources: string[];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * SyncedTemplate
         * @description What became of one folder of a repository when it was last read.
         */
        SyncedTemplate: {
            /**
             * Folder
             * @description Empty: the repository itself.
             */
            folder: string;
            /**
             * Name
             * @description Empty: its template.yaml does not say.
             */
            name: string;
            /** Version */
            version: number | null;
            /**
             * State
             * @enum {string}
             */
            state: "new" | "updated" | "same" | "withdrawn" | "refused";
            /**
             * Problem
             * @description Why it was refused, with line and column where it is about a file.
             */
            problem: string;
        };
        /**
         * Template
         * @description A template in one version, with all that it says.
         */
        Template: {
            /** Name */
            name: string;
            /**
             * Project
             * @description Empty: everybody's.
             */
            project: string;
            /** Title */
            title: string;
            /** Description */
            description: string;
            /** Icon */
            icon: string;
            /**
             * Version
             * @description The newest; of one template: the one that was asked for.
             */
            version: number;
            /**
             * Commit
             * @description Of the repository that it comes from; empty: it was pushed.
             */
            commit: string;
            /** Repository Id */
            repository_id: string | null;
            /**
             * Folder
             * @description In the repository.
             */
            folder: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Updated By */
            updated_by: string;
            /**
             * Withdrawn
             * @description No workspace is made from it any more.
             */
            withdrawn: boolean;
            /**
             * Problem
             * @description Why its folder could not be read when it was last synchronised; empty: it could.
             */
            problem: string;
            /**
             * Workspaces
             * @description Made from it, of those that you may read.
             */
            workspaces: number;
            /**
             * May
             * @description What you may do with it.
             */
            may: ("use" | "manage")[];
            /** Newest */
            newest: number;
            /**
             * Parameters
             * @description In the order in which people are asked.
             */
            parameters: components["schemas"]["TemplateParameter"][];
            /**
             * Sizes
             * @description To choose from.
             */
            sizes: {
                [key: string]: components["schemas"]["TemplateSize"];
            };
            /** @description The most that a workspace of it may have; without `gpus`: none. */
            ceiling: components["schemas"]["TemplateSize"] | null;
            /**
             * Grants
             * @description What its workspaces may have beyond the policy.
             */
            grants: string[];
            /** @description When workspaces take a newer version. */
            update: components["schemas"]["Update"];
            policy: components["schemas"]["TemplatePolicy"];
            /**
             * Workspace
             * @description Keys of a workspace.yaml, with `${parameters.NAME}` where a value comes.
             */
            workspace: {
                [key: string]: unknown;
            };
            /**
             * Has Configuration
             * @description A devcontainer configuration is among its files.
             */
            has_configuration: boolean;
            /** Files */
            files: components["schemas"]["TemplateFile"][];
            /** Notices */
            notices: string[];
            /**
             * Versions
             * @description The newest first.
             */
            versions: components["schemas"]["TemplateVersionItem"][];
        };
        /**
         * TemplateChange
         * @description Another version of a workspace's template, other values of its parameters, another size.
         */
        TemplateChange: {
            /**
             * Name
             * @description Empty, or the one that it has.
             * @default
             */
            name?: string;
            /**
             * Version
             * @description Empty: the newest.
             * @default
             */
            version?: string;
            /**
             * Parameters
             * @description Only those that are to be others.
             * @default {}
             */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /**
             * Size
             * @description Null: as it is; empty: none is chosen.
             */
            size?: string | null;
        };
        /**
         * TemplateFile
         * @description A file of a template's folder.
         */
        TemplateFile: {
            /** Path */
            path: string;
            /**
             * Size
             * @description In bytes.
             */
            size: number;
        };
        /**
         * TemplateInput
         * @description The files of a template's folder.
         */
        TemplateInput: {
            /**
             * Files
             * @description By path in the folder, in base64; `template.yaml` is one of them.
             */
            files: {
                [key: string]: string;
            };
        };
        /**
         * TemplateItem
         * @description A template of the catalog.
         */
        TemplateItem: {
            /** Name */
            name: string;
            /**
             * Project
             * @description Empty: everybody's.
             */
            project: string;
            /** Title */
            title: string;
            /** Description */
            description: string;
            /** Icon */
            icon: string;
            /**
             * Version
             * @description The newest; of one template: the one that was asked for.
             */
            version: number;
            /**
             * Commit
             * @description Of the repository that it comes from; empty: it was pushed.
             */
            commit: string;
            /** Repository Id */
            repository_id: string | null;
            /**
             * Folder
             * @description In the repository.
             */
            folder: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Updated By */
            updated_by: string;
            /**
             * Withdrawn
             * @description No workspace is made from it any more.
             */
            withdrawn: boolean;
            /**
             * Problem
             * @description Why its folder could not be read when it was last synchronised; empty: it could.
             */
            problem: string;
            /**
             * Workspaces
             * @description Made from it, of those that you may read.
             */
            workspaces: number;
            /**
             * May
             * @description What you may do with it.
             */
            may: ("use" | "manage")[];
        };
        /**
         * TemplateList
         * @description Templates, by name and project.
         */
        TemplateList: {
            /** Items */
            items: components["schemas"]["TemplateItem"][];
        };
        /**
         * TemplateOfWorkspace
         * @description The template that a workspace was made from, as it stands in the catalog now.
         */
        TemplateOfWorkspace: {
            /** Name */
            name: string;
            /**
             * Project
             * @description Empty: everybody's.
             */
            project: string;
            /**
             * Version
             * @description That the workspace has.
             */
            version: number;
            /** Newest */
            newest: number;
            /** Update Available */
            update_available: boolean;
            /** @description When newer versions are taken, as its version says: on demand, or at the next start. */
            update: components["schemas"]["Update"];
            /**
             * Withdrawn
             * @description It is gone, or no workspace is made from it any more.
             */
            withdrawn: boolean;
        };
        /**
         * TemplateParameter
         * @description What a person says when a workspace is made from a template.
         */
        TemplateParameter: {
            /** Name */
            name: string;
            type: components["schemas"]["ParameterType"];
            /** Title */
            title: string;
            /** Description */
            description: string;
            /**
             * Default
             * @description Null: it has to be said.
             */
            default: string | number | boolean | null;
            /** Choices */
            choices: string[];
            /**
             * Pattern
             * @description Of a string: a regular expression that all of it matches.
             */
            pattern: string;
            /** Minimum */
            minimum: number | null;
            /** Maximum */
            maximum: number | null;
            /**
             * Whole
             * @description Of a number: no fractions.
             */
            whole: boolean;
            /**
             * Mutable
             * @description It may be changed later.
             */
            mutable: boolean;
        };
        /**
         * TemplatePolicy
         * @description Bounds of a template's workspaces; null: as the project has it.
         */
        TemplatePolicy: {
            /**
             * Ttl Seconds
             * @description Idle TTL of workspaces that ask for none.
             */
            ttl_seconds: number | null;
            /** Ttl Min Seconds */
            ttl_min_seconds: number | null;
            /** Ttl Max Seconds */
            ttl_max_seconds: number | null;
            /** Max Life Seconds */
            max_life_seconds: number | null;
            /** Hard Life Seconds */
            hard_life_seconds: number | null;
        };
        /**
         * TemplateRepository
         * @description A repository with templates, and how its last reading ended.
         */
        TemplateRepository: {
            /** Id */
            id: string;
            /**
             * Project
             * @description Whose its templates are; empty: everybody's.
             */
            project: string;
            /** Url */
            url: string;
            /** Ref */
            ref: string;
            /**
             * Folder
             * @description Where templates are looked for, there and three levels below; empty: in all of it.
             */
            folder: string;
            /**
             * Created By
             * @description With whose git credentials it is read.
             */
            created_by: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Synced At
             * @description When the last reading that has ended began.
             */
            synced_at: string | null;
            /** Commit */
            commit: string;
            /**
             * Problem
             * @description Why it could not be read; empty: it could. Its templates stay as they were.
             */
            problem: string;
            /** Templates */
            templates: components["schemas"]["SyncedTemplate"][];
        };
        /**
         * TemplateRepositoryInput
         * @description A repository to synchronise with.
         */
        TemplateRepositoryInput: {
            /**
             * Project
             * @description Empty: its templates are everybody's.
             * @default
             */
            project?: string;
            /** Url */
            url: string;
            /**
             * Ref
             * @default
             */
            ref?: string;
            /**
             * Folder
             * @default
             */
            folder?: string;
        };
        /**
         * TemplateRepositoryList
         * @description Repositories whose templates you see.
         */
        TemplateRepositoryList: {
            /** Items */
            items: components["schemas"]["TemplateRepository"][];
        };
        /**
         * TemplateSize
         * @description Resources; null or 0: nothing is said.
         */
        TemplateSize: {
            /** Cpus */
            cpus: number | null;
            /** Memory Bytes */
            memory_bytes: number | null;
            /** Gpus */
            gpus: number;
        };
        /**
         * TemplateUse
         * @description Which version of which template, with what.
         */
        TemplateUse: {
            /**
             * Name
             * @description Empty: none.
             * @default
             */
            name?: string;
            /**
             * Version
             * @description Empty: the newest.
             * @default
             */
            version?: string;
            /**
             * Parameters
             * @default {}
             */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /**
             * Size
             * @description Of the template's sizes, in the place of `limits`; empty: none is chosen.
             * @default
             */
            size?: string;
        };
        /**
         * TemplateVersionItem
         * @description A version of a template.
         */
        TemplateVersionItem: {
            /** Number */
            number: number;
            /** Commit */
            commit: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By */
            created_by: string;
        };
        /**
         * Terminal
         * @description A terminal; it lives on when nobody is attached.
         */
        Terminal: {
            /** Name */
            name: string;
            /** Command */
            command: string;
            /** Title */
            title: string;
            /**
             * Created
             * Format: date-time
             */
            created: string;
            /**
             * Attached
             * @description How many are attached now.
             */
            attached: number;
            /** Cols */
            cols: number;
            /** Rows */
            rows: number;
            /**
             * Running
             * @description The program in the foreground, unless it is the terminal's own command.
             */
            running: string;
        };
        /**
         * TerminalList
         * @description The terminals of a workspace.
         */
        TerminalList: {
            /** Items */
            items: components["schemas"]["Terminal"][];
            /**
             * May Type
             * @description You may type into them, make new ones and end them; otherwise only look on.
             */
            may_type: boolean;
        };
        /**
         * Tier
         * @description How the user, the project or the installation stands.
         */
        Tier: {
            /**
             * Level
             * @description `user`, `project` or `installation`.
             */
            level: string;
            /** Name */
            name: string;
            ceilings: components["schemas"]["Ceilings"];
            used: components["schemas"]["Amounts"];
        };
        /**
         * Timeline
         * @description The spans of one start, in the order of their begin.
         */
        Timeline: {
            /** Start */
            start: number;
            /** Spans */
            spans: components["schemas"]["Span"][];
        };
        /**
         * Token
         * @description What is known of a token; not the token.
         */
        Token: {
            /** Id */
            id: string;
            kind: components["schemas"]["TokenKind"];
            /** Title */
            title: string;
            /**
             * Scopes
             * @description Empty: all that its user may do.
             */
            scopes: components["schemas"]["Scope"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Used At */
            used_at: string | null;
        };
        /**
         * TokenCreate
         * @description A personal token to make.
         */
        TokenCreate: {
            /**
             * Title
             * @default
             */
            title?: string;
            /**
             * Scopes
             * @description Empty: all that you may do.
             * @default []
             */
            scopes?: components["schemas"]["Scope"][];
            /**
             * Life Seconds
             * @description Null: until it is revoked.
             */
            life_seconds?: number | null;
        };
        /**
         * TokenKind
         * @description What a token is for; one of another kind is no substitute.
         * @enum {string}
         */
        TokenKind: "personal" | "session" | "login" | "cli_code" | "invite" | "guest" | "app_code" | "ticket" | "certificate";
        /**
         * TokenList
         * @description Personal tokens and browser sessions.
         */
        TokenList: {
            /** Items */
            items: components["schemas"]["Token"][];
        };
        /**
         * Undelete
         * @description How to take it out of the trash.
         */
        Undelete: {
            /**
             * Name
             * @description Another name, where the old one is in use.
             * @default
             */
            name?: string;
        };
        /**
         * Update
         * @description When workspaces take a newer version of their template.
         * @enum {string}
         */
        Update: "on_demand" | "at_start";
        /**
         * User
         * @description A person or a program with an account.
         */
        User: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            role: components["schemas"]["Role"];
            kind: components["schemas"]["UserKind"];
            /** Full Name */
            full_name: string;
            /** Email */
            email: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Disabled */
            disabled: boolean;
            /**
             * Has Password
             * @description Null: you do not manage people.
             */
            has_password: boolean | null;
            /**
             * Seen At
             * @description When one of its tokens or sessions was last used; null: never, or you do not manage people.
             */
            seen_at: string | null;
        };
        /**
         * UserCreate
         * @description An account to make.
         */
        UserCreate: {
            /** Name */
            name: string;
            /** @default developer */
            role?: components["schemas"]["Role"];
            /** @default person */
            kind?: components["schemas"]["UserKind"];
        };
        /**
         * UserKind
         * @description Who is behind an account.
         * @enum {string}
         */
        UserKind: "person" | "service";
        /**
         * UserList
         * @description People with an account, by name.
         */
        UserList: {
            /** Items */
            items: components["schemas"]["User"][];
        };
        /**
         * UserUpdate
         * @description What is to be changed; null or absent: this is not.
         */
        UserUpdate: {
            role?: components["schemas"]["Role"] | null;
            /** Disabled */
            disabled?: boolean | null;
            /** Full Name */
            full_name?: string | null;
            /** Email */
            email?: string | null;
        };
        /**
         * Visibility
         * @description Who may open a port of a workspace, besides those to whom it was named; each includes the ones before.
         * @enum {string}
         */
        Visibility: "private" | "project" | "public";
        /**
         * WantedSecret
         * @description A secret that the workspace cannot do without.
         */
        WantedSecret: {
            /** Key */
            key: string;
            /**
             * Env Var
             * @description The variable that holds it; empty: it is a file.
             * @default
             */
            env_var?: string;
        };
        /**
         * Why
         * @description What policy makes of the evidence.
         */
        Why: {
            /** Alive */
            alive: boolean;
            /**
             * Reason
             * @description A sentence: why it lives, or why it was stopped.
             */
            reason: string;
            /**
             * Degraded
             * @description Why a person should look although it runs; empty: all is well.
             */
            degraded: string;
            /**
             * Stops At
             * @description When it will stop if nothing happens; null: never, or unknown.
             */
            stops_at: string | null;
            /**
             * Stops By
             * @description The rule that stops it then.
             * @enum {string}
             */
            stops_by: "" | "idle" | "deadline" | "schedule";
            /**
             * Waits
             * @description Why a scheduled stop that is due has not happened; empty: none is.
             */
            waits: string;
            /**
             * Deadline
             * @description End of life of this start, extensions included.
             */
            deadline: string | null;
            /** Idle Since */
            idle_since: string | null;
            retention: components["schemas"]["Retention"];
            /** Rules */
            rules: components["schemas"]["PolicyRule"][];
            /** Notices */
            notices: components["schemas"]["PolicyNotice"][];
            /**
             * Signals
             * @description Newest first; null: the agent could not be asked.
             */
            signals: components["schemas"]["Signal"][] | null;
        };
        /**
         * Workspace
         * @description A workspace.
         */
        Workspace: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Owner */
            owner: string;
            /** Project */
            project: string;
            /** Domain */
            domain: string;
            /** Source */
            source: components["schemas"]["GitSource"] | components["schemas"]["FolderSource"] | components["schemas"]["EmptySource"];
            /** Devcontainer */
            devcontainer: string;
            phase: components["schemas"]["Phase"];
            goal: components["schemas"]["Goal"];
            /**
             * Degraded
             * @description Why a person should look although it runs; empty: all is well.
             */
            degraded: string;
            /**
             * Rebuild Offered
             * @description Files of the configuration that differ from those that the environment was made from; a rebuild applies them.
             */
            rebuild_offered: string[];
            /** @description Why the last step failed; null: it did not. */
            problem: components["schemas"]["WorkspaceProblem"] | null;
            /** Archived */
            archived: boolean;
            /** Commit */
            commit: string;
            /** Branch */
            branch: string;
            /**
             * Revision
             * @description Grows with every wanted environment.
             */
            revision: number;
            /**
             * Start
             * @description Grows with every wanted start.
             */
            start: number;
            /**
             * Generation
             * @description Grows with every accepted change.
             */
            generation: number;
            limits: components["schemas"]["Limits"];
            egress: components["schemas"]["Egress"];
            /**
             * Allow
             * @description Grants beyond the policy's defaults.
             */
            allow: string[];
            /** @description In force now: what was asked, within the bounds of the policy. */
            retention: components["schemas"]["Retention"];
            /** @description What was asked; null: as the policy says. */
            asked_retention: components["schemas"]["AskedRetention"];
            /**
             * Next Step
             * @description What becomes of it if nobody starts it (in the trash: takes it back); empty: nothing.
             * @enum {string}
             */
            next_step: "" | "archive" | "trash" | "purge";
            /** Next Step At */
            next_step_at: string | null;
            /**
             * Notices
             * @description What is about to happen to it.
             */
            notices: components["schemas"]["PolicyNotice"][];
            /** Archived At */
            archived_at: string | null;
            /**
             * Stopped At
             * @description Since when it rests.
             */
            stopped_at: string | null;
            /** @description In the place of the owner's preference; null: that one. */
            dotfiles: components["schemas"]["Dotfiles"] | null;
            /**
             * Apps
             * @description Of this start; empty while it does not run.
             */
            apps: components["schemas"]["App"][];
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** @description What was said of it besides; null: nothing, or you may not read it. */
            definition: components["schemas"]["Definition"] | null;
            /** @description What it was made from; null: from none, or you may not read it. */
            template: components["schemas"]["TemplateOfWorkspace"] | null;
            /** Created At */
            created_at: string | null;
            /** Goal At */
            goal_at: string | null;
            /** Running Since */
            running_since: string | null;
            /** Last Activity At */
            last_activity_at: string | null;
            /**
             * Stops At
             * @description When it stops if nothing happens; null: never, or unknown.
             */
            stops_at: string | null;
            /**
             * Deadline
             * @description End of life of this start; null: none.
             */
            deadline: string | null;
            /**
             * Stop Reason
             * @description Why it was last stopped.
             */
            stop_reason: string;
            /**
             * Disk Bytes
             * @description Of its volumes, as last measured; null: not yet.
             */
            disk_bytes: number | null;
            /** Disk Measured At */
            disk_measured_at: string | null;
            /**
             * Purge After
             * @description In the trash: when its files go.
             */
            purge_after: string | null;
            /**
             * May
             * @description What you may do with it: `read`, `watch`, `use`, `start`, `operate`, `change`, `delete`, `share` (docs/reference/roles.md).
             */
            may: string[];
            /** @description What its owner gave you of it; null: you do not have it by a share. */
            shared: components["schemas"]["Level"] | null;
        };
        /**
         * WorkspaceCreate
         * @description A workspace to make.
         */
        WorkspaceCreate: {
            /** Description */
            description?: string | null;
            /**
             * Image
             * @description In the place of the repository's own environment: a reference, or the specification of an image to be made.
             */
            image?: string | components["schemas"]["ImageSpecification"] | null;
            /**
             * Accelerator
             * @description A kind of GPU, such as `nvidia-l4`.
             */
            accelerator?: string | null;
            /**
             * On Startup
             * @description Shell lines that run at every start, as the workspace's user.
             */
            on_startup?: string | string[] | null;
            /**
             * Env
             * @description Variables of its processes; not for secrets: whoever may read the workspace may read them.
             */
            env?: {
                [key: string]: string;
            } | null;
            /**
             * Wanted Secrets
             * @description Secrets that it cannot start without, by key.
             */
            wanted_secrets?: components["schemas"]["WantedSecret"][] | null;
            /**
             * Apps
             * @description Apps besides those of the repository (docs/guides/apps.md).
             */
            apps?: {
                [key: string]: unknown;
            }[] | null;
            /** @description Without start and stop: as the project says, unless it is `off`. */
            schedule?: components["schemas"]["WorkspaceSchedule"] | null;
            /**
             * Source
             * @default {
             *       "kind": "empty"
             *     }
             */
            source?: components["schemas"]["GitSourceInput"] | components["schemas"]["FolderSourceInput"] | components["schemas"]["EmptySourceInput"];
            /**
             * Name
             * @description Empty: made from the source's name.
             * @default
             */
            name?: string;
            /**
             * Devcontainer
             * @description Path of the devcontainer.json to use, where there are several.
             * @default
             */
            devcontainer?: string;
            /**
             * Project
             * @description Empty: as your preferences say, else the settings.
             * @default
             */
            project?: string;
            /**
             * Domain
             * @description development, staging or production; empty: as your preferences say, else the settings.
             * @default
             */
            domain?: string;
            /**
             * @default {
             *       "gpus": 0
             *     }
             */
            limits?: components["schemas"]["LimitsInput"];
            /** @default open */
            egress?: components["schemas"]["Egress"];
            /**
             * Allow
             * @description Grants; only the owner of a local-mode server may give them.
             * @default []
             */
            allow?: string[];
            /** @default {} */
            retention?: components["schemas"]["RetentionInput"];
            /**
             * Labels
             * @default {}
             */
            labels?: {
                [key: string]: string;
            };
            /** @description Null: as in your preferences; without a repository: none. */
            dotfiles?: components["schemas"]["DotfilesInput"] | null;
            /**
             * Secrets
             * @description Values of variables of its processes, by name; stored sealed, never answered.
             * @default {}
             */
            secrets?: {
                [key: string]: string;
            };
            /**
             * Start
             * @description False: it is made but not started.
             * @default true
             */
            start?: boolean;
            /** @description What it is made from: the template decides what it names, and the rest is yours to say. */
            template?: components["schemas"]["TemplateUse"] | null;
        };
        /**
         * WorkspacePage
         * @description A piece of a list.
         */
        WorkspacePage: {
            /** Items */
            items: components["schemas"]["Workspace"][];
            /**
             * Next Cursor
             * @description For the parameter `cursor`; null: this was the last piece.
             */
            next_cursor: string | null;
        };
        /**
         * WorkspaceProblem
         * @description Why the last step failed.
         */
        WorkspaceProblem: {
            /**
             * Type
             * @default about:blank
             */
            type?: string;
            /**
             * Kind
             * @description Stable name; docs/reference/problems.md lists all.
             */
            kind: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /**
             * Hint
             * @description What to do.
             * @default
             */
            hint?: string;
            /**
             * Detail
             * @description About this occurrence.
             * @default
             */
            detail?: string;
            /**
             * Request Id
             * @default
             */
            request_id?: string;
            /** Errors */
            errors?: components["schemas"]["FieldError"][] | null;
            /**
             * Step
             * @default
             */
            step?: string;
            /**
             * Attempts
             * @default 1
             */
            attempts?: number;
            /**
             * Retry At
             * @description When it is tried again; null: only when somebody asks.
             */
            retry_at?: string | null;
        };
        /**
         * WorkspaceSchedule
         * @description When a workspace starts and stops by itself, or that it never does.
         */
        WorkspaceSchedule: {
            /**
             * Start
             * @description `HH:MM`; empty: nothing starts it.
             * @default
             */
            start?: string;
            /**
             * Stop
             * @description `HH:MM`; empty: nothing stops it.
             * @default
             */
            stop?: string;
            /**
             * Days
             * @default [
             *       "mon",
             *       "tue",
             *       "wed",
             *       "thu",
             *       "fri"
             *     ]
             */
            days?: string[];
            /**
             * Time Zone
             * @description A name of the IANA database, such as `Europe/Berlin`.
             * @default UTC
             */
            time_zone?: string;
            /**
             * Off
             * @description It has none, whatever its project says.
             * @default false
             */
            off?: boolean;
        };
        /**
         * WorkspaceSecret
         * @description A secret that a workspace gets, or that its repository would like to have.
         */
        WorkspaceSecret: {
            /** Name */
            name: string;
            /** Description */
            description: string;
            /** Documentation Url */
            documentation_url: string;
            /**
             * Declared
             * @description The repository's devcontainer.json names it.
             */
            declared: boolean;
            /**
             * Given By
             * @description `workspace`, `user`, `domain`, `project`; empty: it is not set.
             */
            given_by: string;
            /**
             * Wanted
             * @description The workspace's definition wants it: it does not start without.
             * @default false
             */
            wanted: boolean;
        };
        /**
         * WorkspaceSecretList
         * @description The secrets of a workspace.
         */
        WorkspaceSecretList: {
            /** Items */
            items: components["schemas"]["WorkspaceSecret"][];
        };
        /**
         * WorkspaceUpdate
         * @description What is to be changed; null or absent: this is not.
         *
         *     A change of limits, egress, devcontainer, allow, image, accelerator, on_startup, env, wanted_secrets or apps makes the
         *     containers of a running workspace anew at once. The ref can be changed until the repository's files are there (after a failed clone); then git changes it, inside the workspace.
         */
        WorkspaceUpdate: {
            /** Description */
            description?: string | null;
            /**
             * Image
             * @description In the place of the repository's own environment: a reference, or the specification of an image to be made.
             */
            image?: string | components["schemas"]["ImageSpecification"] | null;
            /**
             * Accelerator
             * @description A kind of GPU, such as `nvidia-l4`.
             */
            accelerator?: string | null;
            /**
             * On Startup
             * @description Shell lines that run at every start, as the workspace's user.
             */
            on_startup?: string | string[] | null;
            /**
             * Env
             * @description Variables of its processes; not for secrets: whoever may read the workspace may read them.
             */
            env?: {
                [key: string]: string;
            } | null;
            /**
             * Wanted Secrets
             * @description Secrets that it cannot start without, by key.
             */
            wanted_secrets?: components["schemas"]["WantedSecret"][] | null;
            /**
             * Apps
             * @description Apps besides those of the repository (docs/guides/apps.md).
             */
            apps?: {
                [key: string]: unknown;
            }[] | null;
            /** @description Without start and stop: as the project says, unless it is `off`. */
            schedule?: components["schemas"]["WorkspaceSchedule"] | null;
            /** Name */
            name?: string | null;
            limits?: components["schemas"]["LimitsInput"] | null;
            egress?: components["schemas"]["Egress"] | null;
            /** Devcontainer */
            devcontainer?: string | null;
            /** Ref */
            ref?: string | null;
            /** Allow */
            allow?: string[] | null;
            /** @default {} */
            retention?: components["schemas"]["RetentionInput"];
            /** Labels */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description From the next start on. */
            dotfiles?: components["schemas"]["DotfilesInput"] | null;
            /** @description Another version of its template, or other values. */
            template?: components["schemas"]["TemplateChange"] | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_workspaces: {
        parameters: {
            query?: {
                phase?: components["schemas"]["Phase"][];
                project?: string;
                domain?: string;
                owner?: string;
                /** @description Part of the name or of the source's address. */
                q?: string;
                /** @description Those in the trash instead of the others. */
                deleted?: boolean;
                /** @description Only those that others share with you. */
                shared?: boolean;
                /** @description Only those that are archived; false: only the others. */
                archived?: boolean | null;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspacePage"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_workspace: {
        parameters: {
            query?: {
                /** @description Check all of it and make nothing: 204, or the problem. */
                dry_run?: boolean;
            };
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description With `dry_run`: it could be made. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_workspace: {
        parameters: {
            query?: {
                owner?: string;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_workspace: {
        parameters: {
            query?: {
                /** @description Leave nothing; without it the files stay in the trash. */
                purge?: boolean;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restart_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebuild_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rebuild"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undelete_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Undelete"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    extend_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Extend"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    archive_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unarchive_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_environment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                after?: number;
                /** @description Leave out all but the last so many. */
                latest?: number | null;
                limit?: number;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; or, with `Accept: text/event-stream`, a stream that resumes after `Last-Event-ID`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                    "text/event-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_all_events: {
        parameters: {
            query?: {
                /** @description A position; a stream without one begins now. */
                after?: number | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; or, with `Accept: text/event-stream`, a stream that resumes after `Last-Event-ID`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                    "text/event-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_folder: {
        parameters: {
            query?: {
                /** @description Relative to the workspace folder; `~/` is the home, `/` the root. */
                path?: string;
                limit?: number;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Folder"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    download: {
        parameters: {
            query: {
                /** @description Relative to the workspace folder; `~/` is the home, `/` the root. */
                path: string;
                /** @description A folder is an archive in any case. */
                archive?: components["schemas"]["Archive"];
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    upload: {
        parameters: {
            query: {
                /** @description Relative to the workspace folder; `~/` is the home, `/` the root. */
                path: string;
                /** @description False: 409 where something is there. */
                overwrite?: boolean;
                /** @description Make the folders above it. */
                parents?: boolean;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileWritten"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_logs: {
        parameters: {
            query?: {
                stream?: string;
                after?: number;
                /** @description Leave out what was written before. */
                since?: string | null;
                /** @description Chunks, each of at most 64 Ki characters. */
                limit?: number;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; or, with `Accept: text/event-stream`, a stream that resumes after `Last-Event-ID`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                    "text/event-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_timeline: {
        parameters: {
            query?: {
                /** @description Which start; without it the newest. */
                start?: number | null;
            };
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_why: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Why"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_apps: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_ports: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_port: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                port: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpeningUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Opening"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_app: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpeningUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Opening"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_shares: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    share_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewShare"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unshare_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                share: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_people: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_hooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    run_hooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                stage: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inspect_source: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InspectionInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inspection"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    build_image: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageBuildInput"];
            };
        };
        responses: {
            /** @description Lines of JSON, as they come; empty ones keep the connection alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "application/json": components["schemas"]["ImageBuildLine"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_prebuilds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrebuildList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_prebuild: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PrebuildCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_terminals: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TerminalList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_terminal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTerminal"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Terminal"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    close_terminal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_login_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginLink"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sign_in_ways: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInWays"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_identities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_linking: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkDocument"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlink_identity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                identity: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in_with_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordSignIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accept_invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteAccept"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["InviteCreate"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_login_link_of_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LoginLinkCreate"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginLink"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPolicy"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectPolicyInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPolicy"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_projects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_project: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_members: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_member: {
        parameters: {
            query?: {
                domain?: string;
            };
            header?: never;
            path: {
                project: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_templates: {
        parameters: {
            query?: {
                /** @description Those for a project, everybody's included; empty: everybody's. Without it: all. */
                project?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_template: {
        parameters: {
            query?: {
                /** @description The project that it is for: its own templates come before everybody's. Empty: everybody's. */
                project?: string;
                /** @description A number; empty: the newest. */
                version?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_template: {
        parameters: {
            query?: {
                /** @description Whose it is to be; empty: everybody's, for administrators. */
                project?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description A new version. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_template: {
        parameters: {
            query?: {
                /** @description The project that it is for: its own templates come before everybody's. Empty: everybody's. */
                project?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_template_repositories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRepositoryList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_template_repository: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateRepositoryInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRepository"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_template_repository: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sync_template_repository: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRepository"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tokens_of_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_token_of_service: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token_of_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exchange_cli_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeExchange"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowserSessionList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out_everywhere: {
        parameters: {
            query?: {
                keep_this?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ended"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_git_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitCredentialList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_git_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GitCredentialInput"];
            };
        };
        responses: {
            /** @description An earlier one was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitCredential"];
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitCredential"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_git_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_git_login: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitLoginState"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_git_login: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitLogin"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_signing_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKey"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_signing_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SigningKeyInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKey"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                /** @description The user's name. */
                actor?: string;
                /** @description `workspace.created`, or all of a kind: `workspace.` */
                action?: string;
                /** @description Its id, `NAME` or `OWNER/NAME`. */
                workspace?: string;
                /** @description `user:ID`, `token:ID` ... */
                subject?: string;
                project?: string;
                domain?: string;
                outcome?: components["schemas"]["Outcome"] | null;
                /** @description From then on. */
                since?: string | null;
                /** @description Before then. */
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_audit: {
        parameters: {
            query?: {
                /** @description The user's name. */
                actor?: string;
                /** @description `workspace.created`, or all of a kind: `workspace.` */
                action?: string;
                /** @description Its id, `NAME` or `OWNER/NAME`. */
                workspace?: string;
                /** @description `user:ID`, `token:ID` ... */
                subject?: string;
                project?: string;
                domain?: string;
                outcome?: components["schemas"]["Outcome"] | null;
                /** @description From then on. */
                since?: string | null;
                /** @description Before then. */
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One JSON document (`AuditRow`) a line, the oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_secrets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_secret: {
        parameters: {
            query?: {
                /** @description `new`: nothing is replaced; `existing`: nothing is made; else either is done. */
                only?: components["schemas"]["Only"];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretInput"];
            };
        };
        responses: {
            /** @description An earlier one was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_project_secrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_project_secret: {
        parameters: {
            query?: {
                /** @description `new`: nothing is replaced; `existing`: nothing is made; else either is done. */
                only?: components["schemas"]["Only"];
            };
            header?: never;
            path: {
                project: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretValueInput"];
            };
        };
        responses: {
            /** @description An earlier one was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_project_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_domain_secrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_domain_secret: {
        parameters: {
            query?: {
                /** @description `new`: nothing is replaced; `existing`: nothing is made; else either is done. */
                only?: components["schemas"]["Only"];
            };
            header?: never;
            path: {
                project: string;
                domain: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretValueInput"];
            };
        };
        responses: {
            /** @description An earlier one was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_domain_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
                domain: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_workspace_secrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceSecretList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_workspace_secret: {
        parameters: {
            query?: {
                /** @description `new`: nothing is replaced; `existing`: nothing is made; else either is done. */
                only?: components["schemas"]["Only"];
            };
            header?: never;
            path: {
                workspace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretValueInput"];
            };
        };
        responses: {
            /** @description An earlier one was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_workspace_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreferencesInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_quota: {
        parameters: {
            query?: {
                project?: string;
                domain?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quota"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_project_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOf"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_project_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CeilingsInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOf"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOf"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_user_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CeilingsInput"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOf"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_ssh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ssh"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_ssh_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SshKeyList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_ssh_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SshKeyCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SshKey"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_ssh_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    issue_ssh_certificate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SshCertificateCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SshCertificate"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_server: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_workspace_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "application/schema+json": unknown;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    is_alive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    is_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": unknown;
                };
            };
        };
    };
}
