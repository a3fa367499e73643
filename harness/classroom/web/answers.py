"""Pages as answers: compressed where that pays, never kept by a cache."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from harness.classroom.assets import assets

SMALL = 600
FOREVER = "public, max-age=31536000, immutable"


def html(request: Request, text: str, status: int = 200) -> Response:
    """A page or a part of one."""
    return _packed(request, text.encode(), "text/html; charset=utf-8", status)


def static(request: Request, name: str) -> Response:
    """A style sheet, script or picture under its name with a digest."""
    found = assets().get(name)
    if found is None:
        return Response(status_code=404)
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if not _takes_gzip(request):
        return Response(found.content, media_type=found.media_type, headers=headers)
    headers["content-encoding"] = "gzip"
    return Response(found.gzipped, media_type=found.media_type, headers=headers)


def download(content: bytes, kind: str, name: str) -> Response:
    """A file for the reader's disk."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _packed(request: Request, content: bytes, kind: str, status: int) -> Response:
    headers: Mapping[str, str] = {"vary": "accept-encoding"}
    if len(content) < SMALL or not _takes_gzip(request):
        return Response(content, status, headers, kind)
    packed = gzip.compress(content, 6, mtime=0)
    return Response(packed, status, {**headers, "content-encoding": "gzip"}, kind)
