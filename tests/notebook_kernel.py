"""A notebook's kernel, for the tests of checks and the benchmark of what they take."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

SECONDS = 300


class Kernel:
    """A kernel as a notebook has it."""

    def __init__(self, folder: Path) -> None:
        import jupyter_client

        self.manager = jupyter_client.KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    def run(self, code: str, *, stop_when: str = "") -> list[dict[str, Any]]:
        """What a cell displays, each with what has taken its place since; errors fail.

        Args:
            code: the cell.
            stop_when: interrupt the kernel once this text has been displayed.
        """
        asked = self.client.execute(code)
        shown: dict[str, dict[str, Any]] = {}
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in ("display_data", "update_display_data"):
                shown[content["transient"]["display_id"]] = content["data"]
                if stop_when and stop_when in str(content["data"]):
                    time.sleep(1)  # the student looks at it for a while
                    self.manager.interrupt_kernel()
                    stop_when = ""
            elif kind == "stream":
                shown[f"stream {len(shown)}"] = {"text/plain": content["text"]}
            elif kind == "error":
                raise AssertionError("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return list(shown.values())

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
