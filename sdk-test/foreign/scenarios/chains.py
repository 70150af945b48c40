"""Children, other workflows, and runs that go on in further runs."""

import asyncio

import temporalio.api.common.v1 as common
import temporalio.api.taskqueue.v1 as taskqueue

from .harness import (
    cancel_external,
    child,
    command,
    complete,
    continue_as_new,
    fail,
    payload,
    payloads,
    retry,
    seconds,
    signal_external,
)

CANCEL = 7


async def with_child(s, **fields):
    """A workflow and its child, of whose start it knows."""
    workflow_id = await s.start()
    of = s.workflow_id()
    await s.turn(workflow_id, child(of, **fields))
    await asyncio.sleep(0.5)
    await s.turn(workflow_id)
    return workflow_id, of


async def children(s):
    workflow_id, of = await with_child(s, memo=common.Memo(fields={"m": payload(1)}))
    await s.history(workflow_id, 5)
    await s.history(of)
    s.say(s.json((await s.describe(workflow_id)).pending_children[0]))
    await s.turn(of, complete("of the child"))
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 10)
    workflow_id, of = await with_child(s)
    await s.turn(of, fail())
    await asyncio.sleep(0.5)
    await s.turn(workflow_id, child(of, workflow_id_reuse_policy=3))
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 10)
    workflow_id, of = await with_child(s)
    await s.terminate(of)
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 10)
    workflow_id, of = await with_child(s, workflow_run_timeout=seconds(1))
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 10)
    workflow_id, of = await with_child(s)
    await s.turn(of, command(CANCEL, cancel_workflow_execution_command_attributes={"details": payloads("why")}))
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 10)


async def close_policies(s):
    for close in (complete(), continue_as_new()):
        for policy in (0, 1, 2, 3):
            workflow_id, of = await with_child(s, parent_close_policy=policy)
            await s.signal(workflow_id)
            await s.turn(workflow_id, close)
            await asyncio.sleep(0.5)
            s.say("policy", policy)
            await s.history(of, 3)
    workflow_id = await s.start()
    of = s.workflow_id()
    await s.turn(workflow_id, child(of, parent_close_policy=2), complete())
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 5)
    await s.call("the child", "signal_workflow_execution", s.signaling(of))


async def child_chains(s):
    workflow_id, of = await with_child(s, retry_policy=retry(initial_interval=1, maximum_attempts=2))
    await s.turn(of, fail())
    await asyncio.sleep(1.5)
    await s.turn(of, continue_as_new())
    await asyncio.sleep(1.5)
    s.say(s.json((await s.describe(workflow_id)).pending_children[0]))
    await s.turn(of, complete())
    await asyncio.sleep(0.5)
    await s.history(workflow_id, 5)


async def externals(s):
    target = await s.start()
    closed = await s.start()
    await s.terminate(closed)
    for label, of in [("open", target), ("closed", closed), ("unknown", "nowhere"), ("itself", "")]:
        for make in (signal_external, cancel_external):
            workflow_id = await s.start()
            await s.turn(workflow_id, make(of or workflow_id))
            await asyncio.sleep(0.4)
            s.say(label)
            await s.history(workflow_id, 5)
    workflow_id = await s.start()
    await s.turn(workflow_id, signal_external(target, child_workflow_only=True))
    await asyncio.sleep(0.4)
    await s.history(workflow_id, 5)
    await s.history(target, 2)


async def continued(s):
    workflow_id = await s.start(
        memo=common.Memo(fields={"m": payload(1)}),
        workflow_execution_timeout=seconds(500),
        workflow_run_timeout=seconds(100),
        retry_policy=retry(maximum_attempts=3),
        header=common.Header(fields={"h": payload(2)}),
        input=payloads("first"),
    )
    first = await s.current(workflow_id)
    await s.turn(workflow_id, continue_as_new(input=payloads("second")))
    await s.history(workflow_id, 4, first)
    await s.history(workflow_id)
    second = await s.current(workflow_id)
    await s.turn(workflow_id, continue_as_new(
        workflow_type=common.WorkflowType(name="other"),
        task_queue=taskqueue.TaskQueue(name=f"{workflow_id}-other"),
        workflow_run_timeout=seconds(50),
        workflow_task_timeout=seconds(7),
        backoff_start_interval=seconds(2),
        memo=common.Memo(fields={"n": payload(3)}),
        retry_policy=retry(maximum_attempts=7),
        initiator=1,
    ))
    await s.history(workflow_id, 4, second)
    await s.history(workflow_id)


async def retried(s):
    policy = retry(initial_interval=1, maximum_attempts=2)
    workflow_id = await s.start(
        retry_policy=policy,
        memo=common.Memo(fields={"m": payload(1)}),
        input=payloads("input"),
        workflow_execution_timeout=seconds(60),
    )
    first = await s.current(workflow_id)
    await s.turn(workflow_id, fail())
    await s.history(workflow_id, 4, first)
    await s.history(workflow_id)
    await s.turn(workflow_id, fail("again"))
    await s.history(workflow_id, 5)
    for label, fields, info in [
        ("final", {"retry_policy": policy}, {"non_retryable": True}),
        ("no policy", {}, {}),
        ("no time", {"retry_policy": retry(initial_interval=50), "workflow_execution_timeout": seconds(20)}, {}),
        ("another delay", {"retry_policy": policy}, {"next_retry_delay": seconds(30)}),
    ]:
        workflow_id = await s.start(**fields)
        run = await s.current(workflow_id)
        await s.turn(workflow_id, fail(**info))
        s.say(label)
        await s.history(workflow_id, 5, run)


async def run_timeouts(s):
    policy = retry(initial_interval=2, maximum_attempts=2)
    for label, fields in [
        ("run", {"workflow_run_timeout": seconds(1)}),
        ("run, retried", {"workflow_run_timeout": seconds(1), "retry_policy": policy}),
        ("execution", {"workflow_execution_timeout": seconds(1), "retry_policy": policy}),
    ]:
        workflow_id = await s.start(**fields)
        run = await s.current(workflow_id)
        task = await s.task(workflow_id)
        await asyncio.sleep(2.2)
        s.say(label)
        await s.history(workflow_id, 3, run)
        await s.answer("late", task, [complete()])
        if await s.current(workflow_id) != run:
            await s.history(workflow_id)


async def cron(s):
    workflow_id = await s.start(cron_schedule="@every 2s")
    for end in (complete("kept"), fail()):
        run = await s.current(workflow_id)
        await s.turn(workflow_id, end)
        await s.history(workflow_id, 1, run)
    await s.history(workflow_id)
    await s.terminate(workflow_id)


SCENARIOS = [children, close_policies, child_chains, externals, continued, retried, run_timeouts, cron]
