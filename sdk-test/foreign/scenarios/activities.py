"""Activities: retries, timeouts, cancellation, answers by id, operators' calls."""

import asyncio

import temporalio.api.activity.v1 as activity_api
import temporalio.api.failure.v1 as failure_api
import temporalio.api.workflowservice.v1 as ws
from google.protobuf.field_mask_pb2 import FieldMask

from .harness import NAMESPACE, activity, application_failure, cancel_activity, payloads, retry, seconds

ONCE = retry(maximum_attempts=1)


async def scheduled(s, **fields) -> str:
    """A workflow whose activity is the fifth event."""
    workflow_id = await s.start()
    await s.turn(workflow_id, activity("a", workflow_id, **fields))
    return workflow_id


async def retries(s):
    policy = retry(initial_interval=0.2, maximum_attempts=3)
    workflow_id = await scheduled(s, start_to_close_timeout=seconds(5), retry_policy=policy)
    await s.history(workflow_id, 5)
    task = await s.activity_task(workflow_id)
    s.say(s.json(task))
    await s.fail_activity(task, application_failure("first"))
    await s.history(workflow_id, 6)
    task = await s.activity_task(workflow_id)
    await s.heartbeat(task, "so far")
    await s.fail_activity(task, application_failure("second", details=payloads("details")))
    task = await s.activity_task(workflow_id)
    s.say(task.attempt, s.json(task.heartbeat_details))
    await s.fail_activity(task, application_failure("third"))
    await s.history(workflow_id, 6)


async def normalized(s):
    workflow_id = await s.start(workflow_run_timeout=seconds(100))
    long = {"schedule_to_close_timeout": seconds(1000), "schedule_to_start_timeout": seconds(500)}
    await s.turn(
        workflow_id,
        activity("a", workflow_id, start_to_close_timeout=seconds(700), heartbeat_timeout=seconds(900), **long),
        activity("b", workflow_id, schedule_to_close_timeout=seconds(0), start_to_close_timeout=seconds(3)),
        activity("c", workflow_id, schedule_to_close_timeout=seconds(4)),
    )
    await s.history(workflow_id, 5)
    await s.terminate(workflow_id)


async def endings(s):
    workflow_id = await scheduled(s)
    await s.fail_activity(await s.activity_task(workflow_id), application_failure("final", non_retryable=True))
    await s.history(workflow_id, 6)
    workflow_id = await scheduled(s, retry_policy=retry(non_retryable_error_types=["Trouble"]))
    await s.fail_activity(await s.activity_task(workflow_id), application_failure("listed"))
    await s.history(workflow_id, 6)
    policy = retry(initial_interval=50)
    workflow_id = await scheduled(s, schedule_to_close_timeout=seconds(10), retry_policy=policy)
    await s.fail_activity(await s.activity_task(workflow_id), application_failure("no time"))
    await s.history(workflow_id, 6)
    workflow_id = await scheduled(s)
    task = await s.activity_task(workflow_id)
    await s.fail_activity(task, failure_api.Failure(timeout_failure_info=failure_api.TimeoutFailureInfo()))
    await s.fail_activity(task, failure_api.Failure(canceled_failure_info=failure_api.CanceledFailureInfo()))
    await s.fail_activity(task, None)
    await s.history(workflow_id, 6)


async def timeouts(s):
    async def case(label, polls=True, beats=False, **fields):
        workflow_id = await scheduled(s, **fields)
        if polls:
            task = await s.activity_task(workflow_id)
            if beats:
                await s.heartbeat(task, "beat")
        await asyncio.sleep(3)
        s.say(label)
        await s.history(workflow_id, 6)
        if polls:
            await s.complete_activity(task, "late")

    await case("schedule to start", False, schedule_to_start_timeout=seconds(1))
    await case("schedule to close, unpolled", False, schedule_to_close_timeout=seconds(1))
    await case("start to close", start_to_close_timeout=seconds(1), retry_policy=ONCE)
    await case("heartbeat", beats=True, heartbeat_timeout=seconds(1), retry_policy=ONCE)
    await case("schedule to close", schedule_to_close_timeout=seconds(1))
    policy = retry(initial_interval=50)
    await case("no time to retry", start_to_close_timeout=seconds(1), schedule_to_close_timeout=seconds(10), retry_policy=policy)


async def cancellation(s):
    workflow_id = await s.start()
    await s.turn(workflow_id, activity("a", workflow_id), cancel_activity(5))
    await s.history(workflow_id, 5)
    workflow_id = await scheduled(s, heartbeat_timeout=seconds(20))
    task = await s.activity_task(workflow_id)
    canceled = ws.RespondActivityTaskCanceledRequest(
        namespace=NAMESPACE, task_token=task.task_token, details=payloads("details"), identity="activity worker"
    )
    await s.call("canceled unasked", "respond_activity_task_canceled", canceled)
    await s.signal(workflow_id)
    await s.turn(workflow_id, cancel_activity(5))
    await s.heartbeat(task)
    await s.call("canceled", "respond_activity_task_canceled", canceled)
    await s.history(workflow_id, 9)
    task = await s.task(workflow_id)
    await s.answer("cancel what ended", task, [cancel_activity(5)])
    workflow_id = await scheduled(s)
    task = await s.activity_task(workflow_id)
    await s.signal(workflow_id)
    await s.turn(workflow_id, cancel_activity(5))
    await s.fail_activity(task, application_failure("after the request"))
    await s.history(workflow_id, 10)


async def by_id(s):
    workflow_id = await scheduled(s)

    def request(kind, activity_id="a", **fields):
        fields.setdefault("workflow_id", workflow_id)
        return kind(namespace=NAMESPACE, activity_id=activity_id, identity="operator", **fields)

    complete, completed = "respond_activity_task_completed_by_id", ws.RespondActivityTaskCompletedByIdRequest
    await s.call("unknown activity", complete, request(completed, "b"))
    await s.call("unknown workflow", complete, request(completed, workflow_id="nowhere"))
    await s.call("no id", complete, request(completed, ""))
    beat = request(ws.RecordActivityTaskHeartbeatByIdRequest, details=payloads(1))
    await s.call("heartbeat before the start", "record_activity_task_heartbeat_by_id", beat)
    failed = request(ws.RespondActivityTaskFailedByIdRequest, failure=application_failure("by id"))
    await s.call("fail before the start", "respond_activity_task_failed_by_id", failed)
    canceled = request(ws.RespondActivityTaskCanceledByIdRequest)
    await s.call("canceled before the start", "respond_activity_task_canceled_by_id", canceled)
    await s.call("complete before the start", complete, request(completed, result=payloads("result")))
    await s.history(workflow_id, 6)
    workflow_id = await scheduled(s)
    await s.activity_task(workflow_id)
    await s.call("heartbeat", "record_activity_task_heartbeat_by_id", beat_of(workflow_id))
    failure = application_failure("by id", non_retryable=True)
    failed = request(ws.RespondActivityTaskFailedByIdRequest, workflow_id=workflow_id, failure=failure)
    await s.call("fail", "respond_activity_task_failed_by_id", failed)
    await s.history(workflow_id, 6)


def beat_of(workflow_id):
    return ws.RecordActivityTaskHeartbeatByIdRequest(
        namespace=NAMESPACE, workflow_id=workflow_id, activity_id="a", details=payloads(1)
    )


async def eager_activity(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    policy = retry(initial_interval=0.2)
    request = ws.RespondWorkflowTaskCompletedRequest(
        namespace=NAMESPACE,
        task_token=task.task_token,
        identity="worker",
        commands=[activity("a", workflow_id, request_eager_execution=True, retry_policy=policy)],
    )
    answer = await s.send("respond_workflow_task_completed", request)
    eager = answer.activity_tasks[0]
    s.say(eager.activity_id, eager.attempt)
    await s.fail_activity(eager, application_failure("first"))
    task = await s.activity_task(workflow_id)
    await s.complete_activity(eager, "with the old token")
    await s.complete_activity(task)
    await s.history(workflow_id, 5)


async def operators(s):
    workflow_id = await scheduled(s, retry_policy=retry(initial_interval=1))
    about = {"namespace": NAMESPACE, "execution": s.execution(workflow_id), "identity": "operator"}
    pause = ws.PauseActivityRequest(id="a", reason="reason", **about)
    await s.call("pause", "pause_activity", pause)
    await s.pending(workflow_id)
    await s.call("unpause", "unpause_activity", ws.UnpauseActivityRequest(id="a", **about))
    task = await s.activity_task(workflow_id)
    await s.call("pause", "pause_activity", pause)
    await s.heartbeat(task)
    await s.fail_activity(task, application_failure("paused"))
    described = (await s.describe(workflow_id)).pending_activities[0]
    s.say(described.state, described.attempt, described.paused)
    await s.call("reset", "reset_activity", ws.ResetActivityRequest(id="a", **about))
    task = await s.activity_task(workflow_id)
    s.say("attempt", task.attempt)
    update = ws.UpdateActivityOptionsRequest(
        id="a",
        activity_options=activity_api.ActivityOptions(start_to_close_timeout=seconds(33)),
        update_mask=FieldMask(paths=["start_to_close_timeout"]),
        **about,
    )
    await s.call("update", "update_activity_options", update)
    await s.call("reset", "reset_activity", ws.ResetActivityRequest(id="a", **about))
    await s.heartbeat(task)
    await s.call("unknown", "pause_activity", ws.PauseActivityRequest(id="b", **about))
    await s.history(workflow_id, 5)


SCENARIOS = [retries, normalized, endings, timeouts, cancellation, by_id, eager_activity, operators]
