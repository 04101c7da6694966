"""JupyterLab behind Carrel's proxy: no token (the proxy has tickets), the person's own name, state in the home.

Read by the JupyterLab of the image or of start.py, after the person's own configuration.
"""

import contextlib
import os
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from traitlets.config.loader import ConfigFileNotFound

for folder in reversed(jupyter_config_path()):
    with contextlib.suppress(ConfigFileNotFound):
        load_subconfig("jupyter_server_config.py", path=folder)  # type: ignore[name-defined]  # noqa: F821

c = get_config()  # type: ignore[name-defined]  # noqa: F821
c.ServerApp.allow_remote_access = True  # the Host field is the proxy's; only the proxy and this workspace reach us
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.ServerApp.trust_xheaders = True
c.ServerApp.quit_button = False
# No log-in shell: its start-up files often set PATH anew, and the agent has read them already.
c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL") or "/bin/sh"]}

STATE = Path.home() / ".local/share/carrel/jupyter"
with contextlib.suppress(OSError):
    STATE.mkdir(parents=True, exist_ok=True)
HEADER = "X-Carrel-User"
COLOURS = ("#2f5d8a", "#b3541e", "#3d7a46", "#8a2f6b", "#6b5b95", "#a38200", "#1d7874", "#a4243b")

try:
    from jupyter_server.auth import IdentityProvider, User
    from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
except ImportError:  # Jupyter Server 1
    c.ServerApp.token = ""
    c.ServerApp.password = ""
else:

    class Visitor(IdentityProvider):
        """Who the proxy says is there. It takes this field from nobody else, so a visitor cannot give himself a name."""

        login_available = False
        logout_available = False

        def get_user(self, handler: Any) -> User:
            """The person of a request; a program of the workspace itself has no name."""
            name = handler.request.headers.get(HEADER, "") or os.environ.get("USER", "") or "workspace"
            colour = COLOURS[sum(name.encode()) % len(COLOURS)]
            return User(name, name, name, name[:2].upper(), None, colour)

        def is_token_authenticated(self, handler: Any) -> bool:  # noqa: ARG002
            """Never: pages of other origins are refused, and forms have their secret."""
            return False

        def validate_security(self, app: Any, ssl_options: Any = None) -> None:
            """Nothing to warn of: it listens on loopback, behind the proxy."""

    class Checkpoints(AsyncFileCheckpoints):
        """Kept in the home: a project has no folders of ours."""

        def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
            """Where the copy of a file is."""
            file = STATE / "checkpoints" / path.strip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            return str(file.with_name(f"{file.stem}-{checkpoint_id}{file.suffix}"))

    c.ContentsManager.checkpoints_class = Checkpoints
    c.ServerApp.identity_provider_class = Visitor
    c.IdentityProvider.token = ""
    c.IdentityProvider.updatable_fields = []

c.SQLiteYStore.db_path = str(STATE / "documents.db")
c.YDocExtension.session_store_path = str(STATE / "sessions.json")
