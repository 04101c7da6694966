#!/bin/sh
# Builds one part of the toolbox: build.sh PART OUTPUT
#
# Runs as root inside a throw-away Debian container, which the runtime makes (README.md). Network access is taken from
# the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY, PIP_INDEX_URL, npm_config_registry) and from ca.crt, a bundle of
# certificates beside this script. OUTPUT counts as built only when it holds .complete, which is written last.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
part=$1
out=$2
[ ! -e "$out/.complete" ] || exit 0 # never changed again: two builders may have been started for one output
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1 PIP_PROGRESS_BAR=off
umask 022

if [ -s "$here/ca.crt" ]; then
    export SSL_CERT_FILE="$here/ca.crt" PIP_CERT="$here/ca.crt" NODE_EXTRA_CA_CERTS="$here/ca.crt" npm_config_cafile="$here/ca.crt"
    echo "Acquire::https::CAInfo \"$here/ca.crt\";" >/etc/apt/apt.conf.d/90carrel
fi

step() {
    echo "==> $part: $*"
}

# Debian packages, without documentation.
debian() {
    printf 'path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\nforce-unsafe-io\n' >/etc/dpkg/dpkg.cfg.d/carrel
    step "Debian packages: $*"
    apt-get -q -o Acquire::Retries=3 -o Acquire::Languages=none update >/dev/null
    apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -o APT::Update::Post-Invoke= install --no-install-recommends "$@" >/tmp/apt.log 2>&1 || {
        cat /tmp/apt.log
        exit 1
    }
}

# The tree itself is made anew: what a crashed build left is not trusted.
find "$out" -mindepth 1 -delete
. "$here/parts/$part.sh"

step "done, $(du -sm "$out" | cut -f 1) MiB"
sync
[ -e "$out/.complete.new" ] || echo "$part" >"$out/.complete.new"
mv "$out/.complete.new" "$out/.complete"
