# Makes Debian's binaries run in any image: our own loader and libraries beside them. Sourced by the parts.
#
# The run path is the old DT_RPATH, which counts before an image's LD_LIBRARY_PATH, and which libraries that a program
# loads later inherit. Children get a clean environment: nothing here is done with variables.
prefix=/opt/carrel
loader=$(patchelf --print-interpreter /bin/sh)
loader_name=${loader##*/}

# is_elf FILE
is_elf() {
    [ "$(head -c 4 "$1" | tr -d '\0')" = "$(printf '\177ELF')" ]
}

# libraries FILE...: copies what FILEs need, and what that needs, into lib/.
libraries() {
    mkdir -p "$out/lib"
    for file in "$@"; do
        ldd "$file" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
    done | sort -u | while read -r library; do
        [ -e "$out/lib/${library##*/}" ] || cp -L "$library" "$out/lib/"
    done
    [ -e "$out/lib/$loader_name" ] || cp -L "$loader" "$out/lib/"
}

# program SOURCE TARGET: copies a dynamically linked program, with its libraries.
program() {
    mkdir -p "$(dirname "$out/$2")"
    cp -L "$1" "$out/$2"
    libraries "$1"
    patchelf --set-interpreter "$prefix/lib/$loader_name" --force-rpath --set-rpath "$prefix/lib" "$out/$2"
}
