"""Taking a lesson home: CSV, JSON, the whole run folder as a zip."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from harness.classroom.web import answers
from harness.classroom.web.described import FILE
from harness.classroom.web.here import HereNow, TheTeacher

router = APIRouter(tags=["export"], default_response_class=Response)
BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets take a CSV for their own old encoding without it; the harness reads both."""


@router.get("/api/{session_id}/export.csv", responses=FILE)
async def export_csv(session: TheTeacher, at: HereNow, separator: Literal[";", ","] = ";") -> Response:
    """Every grade in the columns of docs/people.md."""
    table = await at.lessons.table(session.session_id, separator)
    content = (BYTE_ORDER_MARK + table).encode()
    return answers.download(content, "text/csv; charset=utf-8", f"{session.session_id}.csv")


@router.get("/api/{session_id}/export.json", responses=FILE)
async def export_json(session: TheTeacher, at: HereNow) -> Response:
    """Settings, verdicts and hands as JSON."""
    record = await at.lessons.record(session.session_id)
    content = json.dumps(record, ensure_ascii=False, indent=1).encode()
    return answers.download(content, "application/json", f"{session.session_id}.json")


@router.get("/api/{session_id}/export.zip", responses=FILE)
async def export_zip(session: TheTeacher, at: HereNow) -> Response:
    """The run folder that `harness compare`, `report` and `export` read."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / session.session_id
        await at.lessons.export(session.session_id, folder)
        content = await asyncio.to_thread(_zipped, folder)
    return answers.download(content, "application/zip", f"{session.session_id}.zip")


def _zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                archive.write(path, Path(folder.name) / path.relative_to(folder))
    return out.getvalue()
