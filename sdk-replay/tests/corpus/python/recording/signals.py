"""Signals: before the first task, together, buffered, with handlers that wait; continue-as-new."""

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.common import RawValue, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from .calls import Cases, local, seconds, start

KEYWORD = SearchAttributeKey.for_keyword("CorpusKeyword")


@workflow.defn
class Signals(Cases):
    def __init__(self):
        self.words = []
        self.done = False
        self.queue = asyncio.Queue()

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    def word(self, word: str):
        self.words.append(word)
        self.queue.put_nowait(word)

    @workflow.signal
    async def work(self, word: str):
        self.words.append(await start("echo", word))

    @workflow.signal
    async def wait(self, word: str):
        await asyncio.sleep(0.1)
        self.words.append(await local("echo", word))

    @workflow.signal
    def finish(self):
        self.done = True

    async def until_done(self):
        await workflow.wait_condition(lambda: self.done)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.words

    async def works_per_word(self):
        while not self.done or not self.queue.empty():
            await workflow.wait_condition(lambda: self.done or not self.queue.empty())
            while not self.queue.empty():
                await start("echo", self.queue.get_nowait())
        return self.words

    async def from_queue(self):
        for _ in range(3):
            await start("echo", await self.queue.get())

    async def during_activity(self):
        result = await start("slow", 0.4)
        return [result, *self.words]

    async def main_and_handler(self):
        # Who is first, the handler's activity or that of the main function?
        await start("echo", "main")
        await workflow.wait_condition(lambda: len(self.words) == 2)
        await start("echo", self.words)

    async def registered_later(self):
        words = []
        await start("echo", "before")
        workflow.set_signal_handler("late", words.append)
        await workflow.wait_condition(lambda: len(words) == 2)

        async def later(word):
            words.append(await start("echo", word))

        workflow.set_signal_handler("later", later)
        await workflow.wait_condition(lambda: len(words) == 3)
        return await start("echo", words)

    async def dynamic(self):
        words = []

        def any_signal(name: str, args: Sequence[RawValue]) -> None:
            words.append(name)

        workflow.set_dynamic_signal_handler(any_signal)
        await workflow.wait_condition(lambda: len(words) == 2)
        return await start("echo", words)

    async def with_timeouts(self):
        counts = []
        for _ in range(3):
            try:
                await workflow.wait_condition(lambda: len(self.words) > len(counts), timeout=0.4)
                counts.append(len(self.words))
            except asyncio.TimeoutError:
                counts.append(-1)
                await start("echo", "timeout")
        return counts

    async def continues(self):
        rounds = workflow.memo_value("rounds", 0)
        await workflow.wait_condition(lambda: len(self.words) >= 2)
        if rounds < 2:
            await start("echo", rounds)
            workflow.upsert_search_attributes([KEYWORD.value_set(f"round-{rounds + 1}")])
            workflow.continue_as_new("continues", memo={"rounds": rounds + 1})
        return self.words

    async def continues_at_once(self):
        if workflow.info().continued_run_id is None:
            workflow.continue_as_new("continues_at_once", run_timeout=seconds(50))
        return await start("echo", "second run")


async def before_the_worker(recorder, case, signals, **options):
    """All signals come with the first task."""
    name = f"signals-{case}_before_start"
    queue = f"corpus-{name}"
    handle = await recorder.start(queue, Signals, case, **options)
    for signal in signals:
        await handle.signal(*signal)
    async with recorder.worker(queue, Signals):
        await recorder.end(handle)
    await recorder.save(name, handle)


async def continued(recorder, name, case, steps=None, runs=3):
    queue = f"corpus-{name}"
    attributes = TypedSearchAttributes([SearchAttributePair(KEYWORD, "round-0")])
    async with recorder.worker(queue, Signals):
        handle = await recorder.start(queue, Signals, case, memo={"rounds": 0}, search_attributes=attributes)
        if steps:
            await steps(recorder.client.get_workflow_handle(handle.id))
        await recorder.end(handle)
    run_id = handle.first_execution_run_id
    for number in range(1, runs + 1):
        await recorder.save(f"{name}-{number}", handle, run_id)
        history = await recorder.client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        run_id = history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id


async def record(recorder):
    def sends(*signals, pause=0.15):
        async def send(handle):
            for signal in signals:
                await handle.signal(*signal)
                await asyncio.sleep(pause)
        return send

    words = [("word", "a"), ("work", "b"), ("wait", "c"), ("word", "d"), ("work", "e"), ("finish",)]

    async def during(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        for word in "abc":
            await handle.signal("word", word)

    async def six_words(handle):
        for number in range(6):
            await handle.signal("word", f"word {number}")
            await asyncio.sleep(0.02)
        for number in range(8):
            await asyncio.sleep(0.3)
            try:
                await handle.signal("word", f"more {number}")
            except Exception:
                return

    together = sends(*words, pause=0)
    await asyncio.gather(
        recorder.case("signals-until_done", Signals, "until_done", sends(*words)),
        recorder.case("signals-until_done_together", Signals, "until_done", together),
        recorder.case("signals-until_done_uncached", Signals, "until_done", sends(*words), cached=False),
        before_the_worker(recorder, "until_done", words),
        recorder.case("signals-works_per_word", Signals, "works_per_word", sends(("word", "a"), ("word", "b"), ("finish",), pause=0.05)),
        before_the_worker(recorder, "works_per_word", [("word", "a"), ("word", "b"), ("finish",)]),
        recorder.case("signals-from_queue", Signals, "from_queue", sends(("word", "a"), ("word", "b"), ("word", "c"))),
        recorder.case("signals-during_activity", Signals, "during_activity", during),
        before_the_worker(recorder, "main_and_handler", [("work", "a"), ("work", "b")]),
        recorder.case("signals-main_and_handler", Signals, "main_and_handler", sends(("work", "a"), ("work", "b"), pause=0)),
        before_the_worker(recorder, "registered_later", [("late", "a"), ("later", "b"), ("late", "c")]),
        recorder.case("signals-registered_later", Signals, "registered_later", sends(("late", "a"), ("later", "b"), ("late", "c"))),
        before_the_worker(recorder, "dynamic", [("x", "a"), ("y", "b")]),
        recorder.case("signals-with_timeouts", Signals, "with_timeouts", sends(("word", "a"))),
        recorder.case(
            "signals-with_start", Signals, "main_and_handler",
            sends(("work", "b")), start_signal="work", start_signal_args=["a"],
        ),
        continued(recorder, "signals-continues", "continues", six_words),
        continued(recorder, "signals-continues_at_once", "continues_at_once", runs=2),
    )
