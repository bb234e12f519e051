"""The processes that jobs are done in."""

import asyncio
import contextlib
import os
import sys
from typing import Final

from gis.settings import child_environment

_PROGRAM: Final = "webmap.worker.job_process"


class Processes:
    """Starts them; the next one waits with its libraries loaded, which takes seconds."""

    def __init__(self) -> None:
        self._spare: asyncio.Task[asyncio.subprocess.Process] | None = None

    def prepare(self) -> None:
        """Have a process ready."""
        self._spare = asyncio.create_task(self._start())

    async def begin(self, job_id: int) -> asyncio.subprocess.Process:
        """A process that has been told which job is its own."""
        process = await self._spare if self._spare else await self._start()
        if process.returncode is not None:
            process = await self._start()
        self.prepare()
        with contextlib.suppress(ConnectionError):  # it died: its exit tells
            assert process.stdin is not None  # noqa: S101 -- it was asked for
            process.stdin.write(b"%d\n" % job_id)
            await process.stdin.drain()
        return process

    @staticmethod
    async def _start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _PROGRAM,
            str(os.getpid()),
            env=child_environment(),
            stdin=asyncio.subprocess.PIPE,
        )
