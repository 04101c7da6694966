# The finished tree from its parts (/parts/*, read-only) and the agent's sources; refuses what would not run.
for source in /parts/*; do
    step "copying ${source##*/}"
    cp -a "$source/." "$out/"
done
rm -f "$out/.complete"

cp "$here"/bin/* "$out/bin/"
chmod 755 "$out"/bin/*
mkdir -p "$out/libexec/wrappers" # first in a person's PATH where the image has the program itself
cp "$here"/wrappers/* "$out/libexec/wrappers/"
chmod 755 "$out"/libexec/wrappers/*
ln -sf ../bin/busybox "$out/libexec/sh" # the last resort for a shell; not in bin, where it would be found by its name

# The editor's part of the agent's ledger of activity: an extension that everybody has.
cp -r "$here/activity" "$out/lib/editor/node_modules/code-server/lib/vscode/extensions/carrel-activity"

# JupyterLab's starter: what it starts is the image's, or is installed into a home.
mkdir -p "$out/share/jupyter"
cp "$here"/jupyter/* "$out/share/jupyter/"

step "the agent"
stdlib=$(echo "$out"/lib/python3.*)
cp -r "$here/carrel" "$stdlib/carrel"
# With sources, for tracebacks; the compiled files are trusted without a look at them.
"$out/bin/python3" -I -S -m compileall -q --invalidation-mode unchecked-hash "$stdlib/carrel"

# for every user of every image
chown -R 0:0 "$out"
chmod -R a+rX,go-w "$out"

step "checking"
"$out/bin/python3" -I -S -c 'import asyncssh, uvloop, carrel.agent'
code_server=$("$out/bin/code-server" --version | tail -n 1 | cut -d ' ' -f 1)
git=$("$out/bin/git" --version | cut -d ' ' -f 3)
"$out/bin/ssh" -V 2>/dev/null
# Every library that anything here asks for must be one of ours, also for modules that are loaded later.
find "$out" -type f \( -name '*.so' -o -name '*.so.*' -o -name '*.node' -o -perm -u+x \) | while read -r file; do
    case $file in "$out/bin/init" | "$out/bin/busybox") continue ;; esac # static
    [ "$(head -c 4 "$file" | tr -d '\0')" = "$(printf '\177ELF')" ] || continue
    LD_LIBRARY_PATH=$out/lib "$out"/lib/ld-linux*.so.* --list "$file" 2>&1 | awk -v file="$file" -v out="$out/lib/" '
        /not found/ || ($2 == "=>" && $3 ~ /^\// && index($3, out) != 1) { print file ": " $0 }'
done >/tmp/foreign
if [ -s /tmp/foreign ]; then
    cat /tmp/foreign
    exit 1
fi

cat >"$out/.complete.new" <<END
{
    "name": "$CARREL_VOLUME",
    "python": "$("$out/bin/python3" -I -S -c 'import platform; print(platform.python_version())')",
    "node": "$("$out/bin/node" --version)",
    "code-server": "$code_server",
    "git": "$git",
    "mebibytes": $(du -sm "$out" | cut -f 1)
}
END
