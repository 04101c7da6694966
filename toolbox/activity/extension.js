// Touches $CARREL_ACTIVITY/editor while a person uses the window: keys and pointer, as VS Code itself tells.
// An open tab, a background compilation or an extension at work does not count.
"use strict";

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");

const EVERY_MS = 15000;

function activate(context) {
    const folder = process.env.CARREL_ACTIVITY;
    if (!folder) return;
    const file = path.join(folder, "editor");
    let last = 0;

    function note(state) {
        const now = Date.now();
        if (!state.active || now - last < EVERY_MS) return;
        last = now;
        fs.writeFile(file, "", () => {}); // a workspace that is being stopped needs no error
    }

    const timer = setInterval(() => note(vscode.window.state), EVERY_MS);
    context.subscriptions.push(
        vscode.window.onDidChangeWindowState(note),
        vscode.workspace.onDidChangeTextDocument(() => note(vscode.window.state)),
        vscode.window.onDidChangeTextEditorSelection(() => note(vscode.window.state)),
        { dispose: () => clearInterval(timer) },
    );
    note(vscode.window.state);
}

module.exports = { activate };
