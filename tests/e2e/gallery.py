"""A gallery of one extension, as the marketplace's API has it: `gallery.py FILE.vsix PORT`. Standard library only."""

from __future__ import annotations

import json
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

PACKAGE = "Microsoft.VisualStudio.Services.VSIXPackage"
MANIFEST = "Microsoft.VisualStudio.Code.Manifest"


class Gallery(BaseHTTPRequestHandler):
    """Answers searches with its extension where its name is asked for, and gives the files."""

    file = Path()
    address = ""

    def do_POST(self) -> None:
        """A search."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        wanted = {
            str(one.get("value", "")).lower() for query in body.get("filters", []) for one in query.get("criteria", [])
        }
        package = self.package()
        name = f"{package['publisher']}.{package['name']}".lower()
        found = [self.extension(package)] if name in wanted or "id-of-it" in wanted else []
        count = {"metadataType": "ResultCount", "metadataItems": [{"name": "TotalCount", "count": len(found)}]}
        self.answer(json.dumps({"results": [{"extensions": found, "resultMetadata": [count]}]}).encode())

    def do_GET(self) -> None:
        """A file."""
        path = self.path.partition("?")[0]
        if path.endswith(MANIFEST):
            self.answer(json.dumps(self.package()).encode())
        elif path.endswith(PACKAGE):
            self.answer(self.file.read_bytes())
        else:
            self.send_error(404)

    def package(self) -> dict[str, Any]:
        """The extension's package.json."""
        with zipfile.ZipFile(self.file) as archive:
            found: dict[str, Any] = json.loads(archive.read("extension/package.json"))
        return found

    def extension(self, package: dict[str, Any]) -> dict[str, Any]:
        """The extension in the form of an answer."""
        assets = f"{self.address}/assets"
        version = {
            "version": package["version"],
            "lastUpdated": "2026-01-01T00:00:00Z",
            "assetUri": assets,
            "fallbackAssetUri": assets,
            "files": [{"assetType": kind, "source": f"{assets}/{kind}"} for kind in (PACKAGE, MANIFEST)],
            "properties": [{"key": "Microsoft.VisualStudio.Code.Engine", "value": package["engines"]["vscode"]}],
        }
        return {
            "extensionId": "id-of-it",
            "extensionName": package["name"],
            "displayName": package["displayName"],
            "shortDescription": "",
            "publisher": {
                "publisherId": "id-of-publisher",
                "publisherName": package["publisher"],
                "displayName": package["publisher"],
                "flags": "",
            },
            "versions": [version],
            "statistics": [],
            "tags": [],
            "categories": [],
            "flags": "",
            "releaseDate": "2026-01-01T00:00:00Z",
            "publishedDate": "2026-01-01T00:00:00Z",
            "lastUpdated": "2026-01-01T00:00:00Z",
        }

    def log_message(self, *_: object) -> None:
        """Nothing: the agent asks every server that listens once what it speaks."""

    def answer(self, content: bytes) -> None:
        """A whole answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    Gallery.file = Path(sys.argv[1])
    Gallery.address = f"http://127.0.0.1:{sys.argv[2]}"
    HTTPServer(("127.0.0.1", int(sys.argv[2])), Gallery).serve_forever()
