# Python with the agent's libraries, git, ssh, rsync, busybox, the loader and every library that any part needs.
debian python3 python3-pip git openssh-client openssh-sftp-server rsync busybox-static ca-certificates patchelf binutils libstdc++6 libkrb5-3
. "$here/relocate.sh"

step "Python"
version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
stdlib=$out/lib/$version
program "/usr/bin/$version" bin/python3
mkdir -p "$stdlib"
(cd "/usr/lib/$version" && tar -c --exclude=__pycache__ --exclude='test' --exclude=tests --exclude=idlelib \
    --exclude=lib2to3 --exclude=ensurepip --exclude=turtledemo --exclude=tkinter --exclude=pydoc_data \
    --exclude='config-*' --exclude=sitecustomize.py --exclude=distutils --exclude=EXTERNALLY-MANAGED .) | tar -x -C "$stdlib"
ln -s python3 "$out/bin/$version"

# Beside the standard library, not in a site-packages: so the interpreter needs neither site.py nor a search path (-S).
step "Python packages"
python3 -m pip install --quiet --require-hashes --only-binary :all: --no-deps --no-compile --target "$stdlib" -r "$here/requirements.txt"
rm -rf "$stdlib"/bin "$stdlib"/pycparser* "$stdlib"/cffi/*.py
find "$stdlib" -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.c' -o -name '*.h' -o -name '*.lib' | xargs rm -f
find "$stdlib" -type d \( -name tests -o -name test -o -name sboms \) -prune -exec rm -rf {} +
find "$stdlib" -name '*.so' | while read -r module; do
    strip --strip-unneeded "$module"
    libraries "$module"
done
# Compiled files in place of sources: nothing to compare at import, half the size.
python3 -m compileall -q -b -o 0 -j 0 --invalidation-mode unchecked-hash -s "$out" -p "$prefix" "$stdlib"
find "$stdlib" -name '*.py' -delete

step "git"
program /usr/bin/git libexec/git-core/git
for name in $(cd /usr/lib/git-core && ls); do
    source=/usr/lib/git-core/$name
    target=$out/libexec/git-core/$name
    [ -f "$source" ] && [ "$name" != git ] || continue
    if [ "$(readlink -f "$source")" = /usr/bin/git ] || cmp -s "$source" /usr/bin/git; then
        ln -s git "$target"
    elif [ -L "$source" ]; then
        ln -s "$(readlink "$source")" "$target"
    elif is_elf "$source"; then
        case $name in git-daemon | git-imap-send | git-http-push | git-http-fetch | git-shell | git-sh-i18n--envsubst) continue ;; esac
        program "$source" "libexec/git-core/$name"
    elif head -n 1 "$source" | grep -q '/bin/sh'; then
        sed '1s|.*|#!/opt/carrel/bin/busybox sh|' "$source" >"$target"
        chmod 755 "$target"
    fi # the rest is Perl: git-svn, git-send-email and the like
done
mkdir -p "$out/share/git-core/templates/info"
mkdir -p "$out/share/git-core/templates/branches"

step "ssh, rsync, busybox, certificates"
program /usr/bin/ssh bin/ssh
program /usr/bin/ssh-keygen bin/ssh-keygen
# What the other end of rsync, of `scp -O` and of a forwarded agent runs here.
program /usr/bin/rsync bin/rsync
program /usr/bin/scp bin/scp
program /usr/bin/ssh-add bin/ssh-add
program /usr/lib/openssh/sftp-server libexec/sftp-server
cp /bin/busybox "$out/bin/busybox"
mkdir -p "$out/etc"
# Mozilla's list as Debian packages it, never the bundle of the organisation that builds
cat /usr/share/ca-certificates/mozilla/*.crt >"$out/etc/ca-certificates.crt"

# What the editor's own modules link to; it is built apart and must find everything here.
libraries /usr/lib/*/libstdc++.so.6 /usr/lib/*/libkrb5.so.3 /usr/lib/*/libgssapi_krb5.so.2
for extra in libstdc++.so.6 libgcc_s.so.1 libatomic.so.1 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libm.so.6 libresolv.so.2 libgssapi_krb5.so.2; do
    found=$(ldconfig -p | awk -v name="$extra" '$1 == name { print $NF; exit }')
    [ -z "$found" ] || [ -e "$out/lib/$extra" ] || cp -L "$found" "$out/lib/"
done
find "$out/lib" -maxdepth 1 -name '*.so*' | xargs strip --strip-unneeded

# C.UTF-8 must work in an image without any locale. The C library looks in /usr/lib/locale of the image; this path has
# the same length, so it can be put in its place.
mkdir -p "$out/loc"
cp -r /usr/lib/locale/C.utf8 "$out/loc/"
sed -i 's|/usr/lib/locale|/opt/carrel/loc|g' "$out/lib/libc.so.6"
