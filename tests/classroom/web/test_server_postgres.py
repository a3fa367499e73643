"""A hosted classroom: the whole server over PostgreSQL, through HTTP, with power cuts and a second server."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.slow
N_PUPILS = 12


def test_a_lesson_from_the_door_to_its_deletion(
    class_load: ModuleType, tmp_path: Path, postgres_url: str
) -> None:
    """Join, save, reveal, take home, delete: as with a file, and afterwards no row of the lesson is left."""

    async def use(server: Any) -> None:  # noqa: ANN401 - of class_load
        async with class_load.lesson(server.port) as running:
            links = await class_load.in_turns(N_PUPILS, server.port, running.code)
            listener = await class_load.listen(server.port, running.session_id, links[0].cookie)
            saves = (class_load.save_all(link, running.session_id, n) for n, link in enumerate(links))
            await asyncio.gather(*saves)
            await running.move(move="phase", case_id="poem", phase="locked")
            await class_load.hears(listener)
            await running.move(move="phase", case_id="poem", phase="class")
            await class_load.hears(listener)
            path = f"/api/{running.session_id}"
            shown = await links[0].ask("GET", f"{path}/fragment/case?case_id=poem")
            assert b"<svg" in shown.body
            await _taken_home(running, path)
            assert sum(_rows(postgres_url).values()) > N_PUPILS * 6
            deleted = await running.teacher.ask("POST", f"{path}/delete", {"code": running.code})
            assert deleted.status == 200
            assert (await links[0].ask("GET", f"{path}/pupil")).status in {401, 404}

    with class_load.serving(tmp_path, database=postgres_url) as server:
        asyncio.run(use(server))
    assert _rows(postgres_url) == {}


async def _taken_home(running: Any, path: str) -> None:  # noqa: ANN401 - of class_load
    table = (await running.teacher.ask("GET", f"{path}/export.csv")).body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";" if ";" in table.splitlines()[0] else ","))
    assert len(rows) == N_PUPILS * 24
    folder = (await running.teacher.ask("GET", f"{path}/export.zip")).body
    with zipfile.ZipFile(io.BytesIO(folder)) as packed:
        (people,) = [name for name in packed.namelist() if name.endswith("people.jsonl")]
        assert len(packed.read(people).splitlines()) == N_PUPILS * 6


def _rows(url: str) -> dict[str, int]:
    """Tables that have rows, and how many; what tells the version of the tables is no lesson."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    count, found = SQL("SELECT count(*) FROM {}"), {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            (n_rows,) = connection.execute(count.format(Identifier(schema, table))).fetchone() or (0,)
            found[table] = n_rows
    return {table: n_rows for table, n_rows in found.items() if n_rows and "version" not in table}


def test_what_was_acknowledged_outlives_a_power_cut(
    class_load: ModuleType, tmp_path: Path, postgres_url: str
) -> None:
    """Kill -9 in the middle of a load; the next server, same database, has every acknowledged grade."""
    kept: dict[str, Any] = {}

    async def until_killed(server: Any) -> None:  # noqa: ANN401 - of class_load
        async with class_load.lesson(server.port) as running:
            links = await class_load.in_turns(N_PUPILS, server.port, running.code)
            kept.update(session=running.session_id, acknowledged={link.cookie: {} for link in links})
            saves = (_save(class_load, link, kept, number, server) for number, link in enumerate(links))
            await asyncio.gather(*saves, return_exceptions=True)

    async def read(server: Any, cookie: str) -> dict[str, Any]:  # noqa: ANN401 - of class_load
        link = await class_load.Link.open(server.port)
        link.cookie = cookie
        view = (await link.ask("GET", f"/api/{kept['session']}/pupil")).json()
        return {one["case_id"]: one["grades"] for one in view["ballots"]}

    with class_load.serving(tmp_path, database=postgres_url) as server:
        asyncio.run(until_killed(server))
    assert sum(map(len, kept["acknowledged"].values())) >= N_PUPILS * 3
    with class_load.serving(tmp_path, database=postgres_url) as server:
        for cookie, grades in kept["acknowledged"].items():
            assert grades.items() <= asyncio.run(read(server, cookie)).items()


async def _save(load: ModuleType, link: Any, kept: dict[str, Any], number: int, server: Any) -> None:  # noqa: ANN401
    """Save case after case, and end the server when half of everything is acknowledged."""
    for place, case_id in enumerate(load.CASES, start=1):
        grades = load.grades(case_id, number)
        edit = {"page": f"page-{number:06d}", "number": place, "case_id": case_id, "grades": grades}
        reply = await link.ask("POST", f"/api/{kept['session']}/edits", {"edits": [edit]})
        assert reply.status == 200
        kept["acknowledged"][link.cookie][case_id] = grades
        if sum(map(len, kept["acknowledged"].values())) == N_PUPILS * 3:
            server.kill()


def test_two_servers_of_one_database_hear_of_each_other(
    class_load: ModuleType, tmp_path: Path, postgres_url: str
) -> None:
    """A pupil of the second server sees a move made on the first, and the first counts what it saved."""

    async def use(first: Any, second: Any) -> None:  # noqa: ANN401 - of class_load
        async with class_load.lesson(first.port) as running:
            pupil = await class_load.join(second.port, running.code)
            listener = await class_load.listen(second.port, running.session_id, pupil.cookie)
            await class_load.save_all(pupil, running.session_id, 1)
            await running.move(move="phase", case_id="poem", phase="locked")
            await asyncio.wait_for(class_load.hears(listener), 30)
            view = json.loads((await pupil.ask("GET", f"/api/{running.session_id}/pupil")).body)
            assert view["phases"]["poem"] == "locked"
            told = (await running.teacher.ask("GET", f"/api/{running.session_id}/teacher")).json()
            assert told["progress"]["poem"]["1"] == {"n": 1, "n_complete": 1}

    with (
        class_load.serving(tmp_path / "one", database=postgres_url) as first,
        class_load.serving(tmp_path / "two", database=postgres_url) as second,
    ):
        asyncio.run(use(first, second))
