"""Docker Compose files, read by us into containers of a workspace: one step of the Compose specification a file.

`load.py` reads (files, `.env`, `extends`, `include`), `project.py` says what was read, `containers.py` makes container
specs under the policy. Source: compose-spec; C177-C206.
"""
