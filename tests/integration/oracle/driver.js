// Runs the reference CLI's bundle again and again in one process: a request a line in, an answer a line out.
//
// node driver.js <bundle>
// request: {"arguments": [...], "folder": "...", "environment": {...}}
// answer: {"status": 0, "stdout": "...", "stderr": "..."}
//
// The bundle is compiled once and evaluated anew for each request, as a fresh process would.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const vm = require('vm');
const { createRequire, wrap } = require('module');

const bundle = process.argv[2];
const script = new vm.Script(wrap(fs.readFileSync(bundle, 'utf8')), { filename: bundle });
const exit = process.exit.bind(process);
const answerTo = process.stdout.write.bind(process.stdout);
let finish = null;

function capture(stream, parts) {
	stream.write = (chunk, encoding, done) => {
		parts.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
		const callback = typeof encoding === 'function' ? encoding : done;
		if (callback) {
			process.nextTick(callback);
		}
		return true;
	};
}

function run(request) {
	const stdout = [];
	const stderr = [];
	capture(process.stdout, stdout);
	capture(process.stderr, stderr);
	process.argv = [process.execPath, bundle, ...request.arguments];
	process.chdir(request.folder);
	for (const name of Object.keys(process.env)) {
		delete process.env[name];
	}
	Object.assign(process.env, request.environment);
	return new Promise(resolve => {
		const text = parts => Buffer.concat(parts).toString();
		finish = status => resolve({ status, stdout: text(stdout), stderr: text(stderr) });
		const evaluated = { exports: {} };
		script.runInThisContext()(evaluated.exports, createRequire(bundle), evaluated, bundle, path.dirname(bundle));
	}).finally(() => {
		process.removeAllListeners('SIGINT');
		process.removeAllListeners('exit');
	});
}

process.exit = status => finish(status ?? process.exitCode ?? 0);
process.on('uncaughtException', error => finish({ error: String(error.stack) }));
process.on('unhandledRejection', error => finish({ error: String(error && error.stack) }));

(async () => {
	for await (const line of readline.createInterface({ input: process.stdin })) {
		answerTo(JSON.stringify(await run(JSON.parse(line))) + '\n');
	}
	exit(0);
})();
