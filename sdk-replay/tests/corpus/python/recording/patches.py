"""Patches: taken, not taken by runs of old code, deprecated, in handlers, between other calls.

A run of old code is recorded by a workflow of the same name without the patches; who replays it has
the code with them.
"""

import asyncio

from temporalio import workflow
from temporalio.api.enums.v1 import EventType

from .calls import Cases, local, start


@workflow.defn(name="Patches")
class Patches(Cases):
    def __init__(self):
        self.signaled = 0

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    async def go(self):
        if workflow.patched("in-handler"):
            await start("echo", "patched")
        self.signaled += 1

    async def one(self):
        if workflow.patched("one"):
            return await start("echo", "new")
        return await asyncio.sleep(0.05)

    async def same_twice(self):
        for _ in range(3):
            if workflow.patched("again"):
                await start("echo", "new")
            else:
                await asyncio.sleep(0.05)

    async def several(self):
        for name in ("c", "a", "b"):
            if workflow.patched(name):
                await start("echo", name)
        return workflow.patched("d")

    async def several_at_once(self):
        seen = [workflow.patched(name) for name in ("c", "a", "b")]
        await start("echo", seen)

    async def between(self):
        await start("echo", "before")
        if workflow.patched("between"):
            await start("echo", "new")
        await asyncio.sleep(0.05)
        if workflow.patched("late"):
            await local("echo", "newer")
        await start("echo", "after")

    async def after_local(self):
        await local("echo", 1)
        if workflow.patched("after-local"):
            await local("echo", 2)
        await local("slow", 0.1)
        if workflow.patched("later"):
            await start("echo", 3)

    async def deprecated(self):
        workflow.deprecate_patch("old")
        await start("echo", "new")

    async def deprecated_and_new(self):
        workflow.deprecate_patch("old")
        if workflow.patched("new"):
            await start("echo", "newer")
        workflow.deprecate_patch("older")

    async def parallel(self):
        async def line(number):
            await start("echo", number)
            if workflow.patched(f"line-{number % 2}"):
                await start("echo", number)

        await asyncio.gather(*(line(number) for number in range(4)))

    async def many(self):
        # So many that the search attribute becomes too long.
        for number in range(45):
            workflow.patched(f"a-patch-with-quite-a-long-name-to-fill-the-space-{number}")
        await start("echo", "after")

    async def in_handler(self):
        await workflow.wait_condition(lambda: self.signaled == 2)

    async def halfway(self):
        await start("echo", "before")
        await asyncio.sleep(1)
        if workflow.patched("halfway"):
            await start("echo", "new")
        await start("echo", "after")

    async def asked_early(self):
        first = workflow.patched("early")
        await asyncio.sleep(1)
        if workflow.patched("early") != first:
            raise RuntimeError("a patch changed its mind")
        await start("echo", "new" if first else "old")

    async def removed(self):
        # Its marker was recorded before the patch was deprecated.
        if workflow.patched("removed"):
            await start("echo", "new")


@workflow.defn(name="Patches")
class OldPatches(Cases):
    """The same before there were patches."""

    def __init__(self):
        self.signaled = 0

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    async def go(self):
        self.signaled += 1

    async def one(self):
        return await asyncio.sleep(0.05)

    async def same_twice(self):
        for _ in range(3):
            await asyncio.sleep(0.05)

    async def between(self):
        await start("echo", "before")
        await asyncio.sleep(0.05)
        await start("echo", "after")

    async def after_local(self):
        await local("echo", 1)
        await local("slow", 0.1)

    async def in_handler(self):
        await workflow.wait_condition(lambda: self.signaled == 2)

    async def halfway(self):
        await start("echo", "before")
        await asyncio.sleep(1)
        await start("echo", "after")

    async def asked_early(self):
        await asyncio.sleep(1)
        await start("echo", "old")


async def deployed_meanwhile(recorder, case):
    """The run begins with the old code and goes on with the new one."""
    name = f"patches-{case}_deployed_meanwhile"
    queue = f"corpus-{name}"
    async with recorder.worker(queue, OldPatches):
        handle = await recorder.start(queue, Patches, case)
        await recorder.reached(handle, EventType.EVENT_TYPE_TIMER_STARTED)
    async with recorder.worker(queue, Patches):
        await recorder.end(handle)
    await recorder.save(name, handle)


async def record(recorder):
    new = [
        "one", "same_twice", "several", "several_at_once", "between", "after_local", "deprecated",
        "deprecated_and_new", "parallel", "many", "halfway", "asked_early", "removed",
    ]
    old = ["one", "same_twice", "between", "after_local", "halfway"]

    async def go_twice(handle):
        await handle.signal("go")
        await asyncio.sleep(0.3)
        await handle.signal("go")

    await asyncio.gather(
        *(recorder.case(f"patches-{case}", Patches, case) for case in new),
        *(recorder.case(f"patches-{case}_old", OldPatches, case) for case in old),
        recorder.case("patches-in_handler", Patches, "in_handler", go_twice),
        recorder.case("patches-in_handler_old", OldPatches, "in_handler", go_twice),
        recorder.case("patches-between_uncached", Patches, "between", cached=False),
        deployed_meanwhile(recorder, "halfway"),
        deployed_meanwhile(recorder, "asked_early"),
    )
