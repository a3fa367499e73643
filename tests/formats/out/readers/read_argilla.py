"""Read exported records and settings with Argilla's own client, as far as it comes without a server.

Run by the interpreter that has `argilla`: `read_argilla.py FOLDER...` prints what the client would send. The
client asks its server who is logged in before it does anything: a small one on this machine answers that.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": tempfile.mkdtemp(prefix="readers-")}

import argilla as rg

NOBODY = "6f2b0c7e-1111-4111-8111-111111111111"


class WhoAmI(BaseHTTPRequestHandler):
    """Says that the owner is logged in."""

    def do_GET(self) -> None:
        """Answer anything with the owner."""
        me = {"id": NOBODY, "username": "owner", "role": "owner", "first_name": "o"}
        body = json.dumps(me).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def read_folder(folder: Path) -> dict[str, Any]:
    """The settings as the client understands them, and the records as it would send them."""
    settings = rg.Settings.from_json(folder / "settings.json")
    settings.validate()
    dataset = rg.Dataset(name="answers", settings=settings)
    sent = {}
    for path in sorted(folder.glob("records*.json")):
        records = [rg.Record.from_dict(one) for one in json.loads(path.read_text(encoding="utf-8"))]
        models = dataset.records._ingest_records(records)
        sent[path.name] = [one.model_dump(mode="json") for one in models]
    return {
        "fields": {one.name: one.required for one in settings.fields},
        "questions": {one.name: one.values for one in settings.questions},
        "records": sent,
    }


def main(folders: list[str]) -> dict[str, Any]:
    """Every folder by its name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), WhoAmI)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rg.Argilla(api_url=f"http://127.0.0.1:{server.server_port}", api_key="none")
    found = {Path(folder).name: read_folder(Path(folder)) for folder in folders}
    server.shutdown()
    return {"version": rg.__version__, "folders": found}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201
