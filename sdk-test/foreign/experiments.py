"""What a Temporal server answers to calls made by hand: experiments.py <address> [--only <word>].

Runs the scenarios beside this file and prints what came of them, with everything replaced that differs from
run to run: times, run ids, tokens, sizes. `experiments.expected` is what the real server printed;
`experiments.py <address> --check` compares with it and exits with 1 if anything differs.

The calls are raw requests, sent by the client inside the Python SDK.
"""

import argparse
import asyncio
import difflib
import pathlib

from temporalio.service import ConnectConfig, ServiceClient

from leaving import run_and_leave
from scenarios import activities, chains, commands, operations, starts, tasks, updates
from scenarios.harness import Scenario

EXPECTED = pathlib.Path(__file__).with_suffix(".expected")
# More of them slow the real server down, until its timeouts end what they should not.
AT_ONCE = 6
MODULES = [starts, tasks, commands, activities, updates, chains, operations]


async def run(client: ServiceClient, scenario, turns: asyncio.Semaphore) -> str:
    transcript = Scenario(client, scenario.__name__)
    try:
        async with turns:
            await scenario(transcript)
    except Exception as error:  # noqa: BLE001 - the transcript tells, and the comparison fails
        transcript.say(f"ends with {type(error).__name__}: {error}")
    return transcript.text()


def sections(transcript: str) -> dict[str, str]:
    """The parts of a transcript by the names of their scenarios."""
    parts = transcript.split("== ")[1:]
    return {part.split("\n", 1)[0]: f"== {part.strip()}\n" for part in parts}


async def check(client: ServiceClient, chosen, texts: list[str]) -> list[str]:
    expected = sections(EXPECTED.read_text())
    differences = []
    for scenario, text in zip(chosen, texts):
        wanted = expected.get(scenario.__name__, "")
        # On a busy machine a timeout may come before what it waits for: what differs is tried again, alone.
        for _ in range(2):
            if text != wanted:
                text = await run(client, scenario, asyncio.Semaphore(1))
        names = ("the real server", "this one")
        differences += difflib.unified_diff(wanted.splitlines(), text.splitlines(), *names, lineterm="")
    return differences


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("--only", default="", help="a word in the names of the scenarios to run")
    parser.add_argument("--check", action="store_true", help="compare with the real server's transcript")
    arguments = parser.parse_args()
    client = await ServiceClient.connect(ConnectConfig(target_host=arguments.address))
    scenarios = [scenario for module in MODULES for scenario in module.SCENARIOS]
    chosen = [scenario for scenario in scenarios if arguments.only in scenario.__name__]
    turns = asyncio.Semaphore(AT_ONCE)
    texts = await asyncio.gather(*(run(client, scenario, turns) for scenario in chosen))
    transcript = "\n".join(texts)
    if not arguments.check:
        print(transcript, end="")
        return 0
    differences = await check(client, chosen, texts)
    print("\n".join(differences) or f"{len(chosen)} scenarios: no differences")
    return 1 if differences else 0


if __name__ == "__main__":
    run_and_leave(main())
