"""How the programs here end.

The Python SDK's own threads may still call into an interpreter that takes itself apart, which then crashes
after all is said and done (temporalio/sdk-python#300). So nothing is taken apart.
"""

import asyncio
import os
import sys
import traceback


def run_and_leave(main) -> None:
    """Runs the coroutine and ends the process with the code it returns, or with 1 when it raises."""
    try:
        code = asyncio.run(main) or 0
    except Exception:  # noqa: BLE001 - printed, and told by the code
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
