"""Workflow tasks: what comes while they are out, how they fail, where they go."""

import asyncio

import temporalio.api.taskqueue.v1 as taskqueue
import temporalio.api.workflowservice.v1 as ws

from .harness import (
    NAMESPACE,
    activity,
    cancel_timer,
    command,
    complete,
    continue_as_new,
    retry,
    seconds,
    timer,
)


async def buffered(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    await s.signal(workflow_id, "buffered")
    await s.history(workflow_id, 2)
    await s.answer("close over it", task, [complete()])
    await s.answer("late", task, [complete()])
    await s.history(workflow_id, 4)
    task = await s.task(workflow_id)
    await s.signal(workflow_id, "while closing")
    await s.cancel(workflow_id)
    await s.answer("continue over it", task, [continue_as_new()])
    await s.history(workflow_id, 8)
    await s.terminate(workflow_id)


async def order(s):
    workflow_id = await s.start()
    once = retry(maximum_attempts=1)
    await s.turn(workflow_id, activity("a", workflow_id, retry_policy=once), timer("t", 1))
    await s.signal(workflow_id, "first")
    task = await s.task(workflow_id)
    await s.complete_activity(await s.activity_task(workflow_id))
    await s.signal(workflow_id, "second")
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 9)
    await s.pending(workflow_id)
    await s.answer("nothing", task)
    await s.history(workflow_id, 9)
    s.show_task(await s.task(workflow_id))


async def overflow(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    for number in range(105):
        await s.send("signal_workflow_execution", s.signaling(workflow_id, f"signal {number}"))
    events = await s.events(workflow_id)
    s.say([event.event_id for event in events if event.event_type != 26], len(events))
    await s.pending(workflow_id)
    await s.answer("late", task, [complete()])
    s.show_task(await s.task(workflow_id))


async def failures(s):
    workflow_id = await s.start()
    # From the fourth attempt on the real server draws the timeout by lot.
    for _ in range(2):
        task = await s.task(workflow_id)
        s.show_task(task)
        await s.fail_task(task)
        described = await s.describe(workflow_id)
        s.say(described.workflow_execution_info.history_length, described.pending_workflow_task.attempt)
    query = ws.QueryWorkflowRequest(namespace=NAMESPACE, execution=s.execution(workflow_id))
    query.query.query_type = "query"
    await s.call("query", "query_workflow", query, 3)
    await s.signal(workflow_id)
    task = await s.task(workflow_id)
    s.show_task(task)
    await s.signal(workflow_id, "buffered")
    await s.fail_task(task)
    await s.history(workflow_id, 4)
    task = await s.task(workflow_id)
    await s.fail_task(task)
    task = await s.task(workflow_id)
    await s.answer("bad", task, [timer("", 1)])
    await s.history(workflow_id, 11)
    await s.answer("good", task, [timer("t", 100)])
    await s.history(workflow_id, 11)


async def task_timeouts(s):
    workflow_id = await s.start(workflow_task_timeout=seconds(1))
    task = await s.task(workflow_id)
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 3)
    await s.answer("late", task)
    await s.fail_task(task)
    s.show_task(await s.task(workflow_id))
    await s.signal(workflow_id)
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 3)
    await s.turn(workflow_id, complete())
    await s.history(workflow_id, 6)


def stickiness(workflow_id: str, timeout: float) -> taskqueue.StickyExecutionAttributes:
    queue = taskqueue.TaskQueue(name=f"{workflow_id}-sticky", kind=2, normal_name=workflow_id)
    return taskqueue.StickyExecutionAttributes(
        worker_task_queue=queue, schedule_to_start_timeout=seconds(timeout)
    )


async def sticky(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    await s.answer("sticky", task, sticky_attributes=stickiness(workflow_id, 1))
    polling = asyncio.create_task(s.task(workflow_id, f"{workflow_id}-sticky"))
    await asyncio.sleep(0.3)
    await s.signal(workflow_id)
    task = await polling
    s.show_task(task)
    await s.answer("sticky", task, sticky_attributes=stickiness(workflow_id, 1))
    await s.signal(workflow_id)
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 5)
    task = await s.task(workflow_id)
    s.show_task(task)
    await s.answer("sticky", task, sticky_attributes=stickiness(workflow_id, 10))
    reset = ws.ResetStickyTaskQueueRequest(namespace=NAMESPACE, execution=s.execution(workflow_id))
    await s.call("reset", "reset_sticky_task_queue", reset)
    await s.signal(workflow_id)
    task = await s.task(workflow_id)
    s.show_task(task)
    await s.answer("sticky", task, sticky_attributes=stickiness(workflow_id, 10))
    polling = asyncio.create_task(s.task(workflow_id, f"{workflow_id}-sticky"))
    await asyncio.sleep(0.3)
    await s.signal(workflow_id)
    task = await polling
    s.show_task(task)
    await s.fail_task(task)
    task = await s.task(workflow_id)
    s.show_task(task)
    await s.history(workflow_id, task.started_event_id - 3)


async def heartbeats(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    more = {"force_create_new_workflow_task": True, "return_new_workflow_task": True}
    for commands in ([timer("t", 100)], []):
        request = ws.RespondWorkflowTaskCompletedRequest(
            namespace=NAMESPACE,
            task_token=task.task_token,
            commands=commands,
            identity="worker",
            sticky_attributes=stickiness(workflow_id, 10),
            **more,
        )
        task = (await s.send("respond_workflow_task_completed", request)).workflow_task
        s.show_task(task)
    await s.answer("end", task, [complete()])
    await s.history(workflow_id, 3)
    await s.answer("again", task, [complete()])


async def closing(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    await s.answer("close, timer", task, [complete(), timer("t", 1)])
    await s.answer("close, close", task, [complete(), complete()])
    await s.answer("unknown", task, [command(0)])
    await s.pending(workflow_id)
    await s.answer("with things pending", task, [activity("a", workflow_id), timer("t", 5), complete()])
    await s.history(workflow_id, 3)
    s.say(s.json(await s.describe(workflow_id)))


async def timers(s):
    workflow_id = await s.start()
    await s.turn(workflow_id, timer("t", 5), cancel_timer("t"), timer("zero", 0))
    await asyncio.sleep(1.5)
    await s.history(workflow_id, 4)
    await s.turn(workflow_id, timer("t", 1))
    await s.signal(workflow_id)
    task = await s.task(workflow_id)
    await asyncio.sleep(2.5)
    await s.answer("cancel the fired one and close", task, [cancel_timer("t"), complete()])
    await s.history(workflow_id, 11)
    workflow_id = await s.start()
    await s.turn(workflow_id, timer("b", 1), timer("a", 1), timer("c", 1))
    await asyncio.sleep(2.5)
    await s.history(workflow_id, 8)


SCENARIOS = [buffered, order, overflow, failures, task_timeouts, sticky, heartbeats, closing, timers]
