# PID 1: a static program, for images without any library.
debian gcc musl-tools
step "compiling"
mkdir -p "$out/bin"
musl-gcc -std=c17 -Os -static -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wl,-s \
    -o "$out/bin/init" "$here"/init/*.c
