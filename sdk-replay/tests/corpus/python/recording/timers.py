"""Timers, races, conditions; memo and search attributes; time, randomness, ids."""

import asyncio

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from .calls import Cases, local, seconds, start

KEYWORD = SearchAttributeKey.for_keyword("CorpusKeyword")
NUMBER = SearchAttributeKey.for_int("CorpusNumber")


def sleeping(number):
    return asyncio.create_task(asyncio.sleep(number))


@workflow.defn
class Timers(Cases):
    def __init__(self):
        self.flag = False

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    def set_flag(self):
        self.flag = True

    async def sequence(self):
        for wait in (0.1, 0.05, 0.02):
            await asyncio.sleep(wait)

    async def gather(self):
        await asyncio.gather(*(asyncio.sleep(wait) for wait in (0.6, 0.1, 0.3)))

    async def race(self):
        winners = []
        for waits in ((0.1, 5), (5, 0.1), (5, 5, 0.1)):
            timers = [sleeping(wait) for wait in waits]
            done, rest = await workflow.wait(timers, return_when=asyncio.FIRST_COMPLETED)
            for timer in rest:
                timer.cancel()
            winners.append([timer in done for timer in timers].index(True))
        return winners

    async def race_with_activity(self):
        activity = start("slow", 0.1)
        timer = sleeping(5)
        await workflow.wait([timer, activity], return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        slow = start("slow", 3)
        timer = sleeping(0.1)
        await workflow.wait([timer, slow], return_when=asyncio.FIRST_COMPLETED)
        slow.cancel()
        return await start("echo", "after")

    async def wait_for(self):
        ends = []
        for wait, limit in ((0.1, 5), (5, 0.1)):
            try:
                await asyncio.wait_for(asyncio.sleep(wait), limit)
                ends.append("slept")
            except asyncio.TimeoutError:
                ends.append("timed out")
        await start("echo", ends)

    async def condition_timeout(self):
        try:
            await workflow.wait_condition(lambda: self.flag, timeout=0.2)
        except asyncio.TimeoutError:
            await start("echo", "timed out")

    async def condition_in_time(self):
        await workflow.wait_condition(lambda: self.flag, timeout=30)
        await start("echo", "in time")

    async def condition_true_already(self):
        self.flag = True
        await workflow.wait_condition(lambda: self.flag)
        await workflow.wait_condition(lambda: self.flag, timeout=10)
        await start("echo", "at once")

    async def zero(self):
        await asyncio.sleep(0)
        await start("echo", 1)
        await workflow.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        await start("echo", 2)

    async def canceled_at_once(self):
        timer = sleeping(10)
        await asyncio.sleep(0)
        timer.cancel()
        await asyncio.sleep(0.05)
        return await start("echo", 1)

    async def canceled_later(self):
        timer = sleeping(10)
        await start("echo", 1)
        timer.cancel()
        other = sleeping(10)
        await start("echo", 2)
        other.cancel()

    async def left_behind(self):
        sleeping(10)
        start("slow", 5)
        await asyncio.sleep(0.05)

    async def tasks(self):
        done = []

        async def line(number):
            for step in range(3):
                await asyncio.sleep(0.02 * (number + 1))
                done.append(await start("echo", number * 10 + step))

        tasks = [asyncio.create_task(line(number)) for number in range(3)]
        for task in tasks:
            await task
        return done

    async def queue(self):
        queue, results = asyncio.Queue(2), []

        async def take():
            while (item := await queue.get()) is not None:
                results.append(await start("echo", item))

        takers = [asyncio.create_task(take()) for _ in range(2)]
        for item in (1, 2, 3, 4, 5, None, None):
            await queue.put(item)
        await asyncio.gather(*takers)
        return results

    async def semaphore(self):
        semaphore = asyncio.Semaphore(2)

        async def limited(number):
            async with semaphore:
                return await start("slow", 0.05 * number)

        return await asyncio.gather(*(limited(number) for number in (3, 1, 2, 0)))

    async def lock(self):
        lock = asyncio.Lock()

        async def locked(number):
            async with lock:
                await start("echo", number)
                await asyncio.sleep(0.02)

        await asyncio.gather(*(locked(number) for number in range(3)))

    async def event(self):
        event = asyncio.Event()

        async def setter():
            await asyncio.sleep(0.1)
            event.set()

        async def waiter(number):
            await event.wait()
            return await start("echo", number)

        return (await asyncio.gather(setter(), *(waiter(number) for number in range(3))))[1:]

    async def nested(self):
        async def inner(number):
            first = sleeping(0.05 * (number + 1))
            await start("echo", number)
            await first
            return number

        async def outer():
            return await asyncio.gather(inner(0), inner(1))

        return await asyncio.gather(outer(), inner(2))

    async def summaries(self):
        await workflow.sleep(0.05, summary="a short sleep")
        await workflow.wait_condition(lambda: self.flag, timeout=0.05, timeout_summary="no flag")

    async def metadata(self):
        workflow.upsert_memo({"step": 1, "gone": None})
        workflow.upsert_search_attributes([KEYWORD.value_set("one"), NUMBER.value_set(1)])
        workflow.set_current_details("half of it")
        await start("echo", 1)
        workflow.upsert_search_attributes([KEYWORD.value_unset()])
        workflow.upsert_memo({"step": 2})
        await asyncio.sleep(0.05)
        workflow.upsert_search_attributes([NUMBER.value_set(2)])

    async def clock_and_chance(self):
        began = workflow.now()
        await start("echo", [str(workflow.uuid4()), workflow.random().random(), began.isoformat()])
        await asyncio.sleep(0.1 + workflow.random().random() / 10)
        if workflow.now() - began >= seconds(0.1):
            await start("echo", "later")
        await local("echo", workflow.time())

    async def days_of_work(self):
        for day in range(8):
            both = await asyncio.gather(start("echo", day), asyncio.sleep(0.05), return_exceptions=True)
            await local("echo", both[0])


async def record(recorder):
    cases = [
        "sequence", "gather", "race", "race_with_activity", "wait_for", "condition_timeout",
        "condition_true_already", "zero", "canceled_at_once", "canceled_later", "left_behind", "tasks", "queue",
        "semaphore", "lock", "event", "nested", "summaries", "metadata", "clock_and_chance", "days_of_work",
    ]

    async def set_flag(handle):
        await asyncio.sleep(0.2)
        await handle.signal("set_flag")

    await asyncio.gather(
        *(recorder.case(f"timers-{case}", Timers, case) for case in cases),
        recorder.case("timers-condition_in_time", Timers, "condition_in_time", set_flag),
        recorder.case("timers-tasks_uncached", Timers, "tasks", cached=False),
        recorder.case("timers-days_of_work_uncached", Timers, "days_of_work", cached=False),
    )
