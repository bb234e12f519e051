"""A worker beside the web server: started with it, started again when it dies, ended with it."""

import subprocess
import sys
import threading
from typing import Final

from gis.settings import child_environment

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_STEADY_S: Final = 60.0


class Companion:
    """Keeps one worker process running until `stop`."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start the worker, and keep starting it."""
        self._keeper.start()

    def stop(self) -> None:
        """End the worker; a job at hand is begun anew by the next."""
        self._is_over.set()
        if self._process is not None:
            self._process.terminate()
        if self._keeper.is_alive():
            self._keeper.join(timeout=10)

    def _keep(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._is_over.is_set():
            # The worker asks the kernel to end it with this thread's process.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webmap.cli", "worker", "--beside-web"],
                env=child_environment(),
                stdin=subprocess.DEVNULL,
            )
            try:
                self._process.wait(timeout=_STEADY_S)
            except subprocess.TimeoutExpired:
                pause_s = _FIRST_PAUSE_S
                self._process.wait()
            self._is_over.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
