"""Dotfiles as a hook: cloned into the home and installed, once for each home and setting (C401). Pure."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping

from carrel.core.agent import Hook
from carrel.core.preferences import Dotfiles
from carrel.core.secret import Secret

ORIGIN = "dotfiles"
_SCRIPT = r"""
repository=$1 target=$HOME/${2#"~/"} command=$3 mark=$4
memory=$HOME/.local/share/carrel/dotfiles
say() { printf '%s\n' "$*"; }
known=$(sed -n 1p "$memory" 2>/dev/null) before=$(sed -n 2p "$memory" 2>/dev/null)
if [ "$known" = "$mark" ] && [ -e "$target" ]; then
  say "The dotfiles of $repository are in place."
  exit 0
fi
if [ -e "$target" ] && [ -n "$before" ] && [ "$before" != "$repository" ]; then
  old=$target.$(date +%Y%m%d%H%M%S)
  mv "$target" "$old" || exit
  say "$target was cloned from $before; it is now $old"
fi
if [ -e "$target" ]; then
  say "$target is there already; it is installed as it is."
else
  say "Cloning $repository into $target"
  helper='!f() { [ "$1" = get ] || exit 0; printf "username=%s\npassword=%s\n" "$CARREL_DOTFILES_USER" "$CARREL_DOTFILES_TOKEN"; }; f'
  [ -n "${CARREL_DOTFILES_TOKEN:-}" ] || helper=
  GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}" git \
    -c credential.helper= ${helper:+-c credential.helper="$helper"} clone --depth 1 -- "$repository" "$target" || exit
fi
unset CARREL_DOTFILES_USER CARREL_DOTFILES_TOKEN
cd "$target" || exit
if [ -n "$command" ]; then
  if [ -f "$command" ]; then
    say "Running $command"
    chmod +x "$command" && "./$command" || exit
  else
    say "Running: $command"
    sh -c "$command" || exit
  fi
else
  script=
  for name in install.sh install bootstrap.sh bootstrap script/bootstrap setup.sh setup script/setup; do
    [ -f "$name" ] && script=$name && break
  done
  if [ -n "$script" ]; then
    say "Running $script"
    chmod +x "$script" && "./$script" || exit
  else
    for name in .[!.]*; do
      case $name in .git | .gitignore | .gitmodules | .github) continue ;; esac
      [ -e "$name" ] || continue
      if [ -d "$HOME/$name" ] && [ ! -L "$HOME/$name" ]; then
        say "$name is left out: the home has a folder of that name."
        continue
      fi
      if [ -e "$HOME/$name" ] && [ ! -L "$HOME/$name" ]; then
        mv "$HOME/$name" "$HOME/$name.before-dotfiles" || exit
        say "$name was there: kept as $name.before-dotfiles"
      fi
      ln -sfn "$target/$name" "$HOME/$name" || exit
      say "$name is linked."
    done
  fi
fi
mkdir -p "${memory%/*}" && printf '%s\n%s\n' "$mark" "$repository" >"$memory"
"""


def dotfiles_hook(dotfiles: Dotfiles, credential: tuple[str, Secret] | None) -> Hook | None:
    """The hook that brings the dotfiles; None where none are wanted.

    Args:
        dotfiles: checked.
        credential: user name and token for its host; only the clone sees them.
    """
    if not dotfiles.repository:
        return None
    mark = hashlib.sha256(f"{dotfiles.repository}\n{dotfiles.target}\n{dotfiles.command}".encode()).hexdigest()[:16]
    arguments = shlex.join((dotfiles.repository, dotfiles.target, dotfiles.command, mark))
    secrets: Mapping[str, Secret] = {}
    if credential is not None:
        secrets = {"CARREL_DOTFILES_USER": Secret(credential[0]), "CARREL_DOTFILES_TOKEN": credential[1]}
    return Hook("dotfiles", ORIGIN, {_short(dotfiles.repository): f"set -- {arguments}\n{_SCRIPT}"}, secrets)


def _short(repository: str) -> str:
    return "/".join(repository.removesuffix(".git").rstrip("/").split("/")[-2:])
