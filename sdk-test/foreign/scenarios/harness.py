"""One scenario: its calls, and the transcript of their answers without what differs from run to run."""

import asyncio
import json
import re
import uuid
from base64 import b64decode
from datetime import timedelta

import temporalio.api.command.v1 as command_api
import temporalio.api.common.v1 as common
import temporalio.api.errordetails.v1  # noqa: F401 - so that details can be read
import temporalio.api.failure.v1 as failure_api
import temporalio.api.taskqueue.v1 as taskqueue
import temporalio.api.workflowservice.v1 as ws
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError, ServiceClient

NAMESPACE = "default"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
FRACTION = re.compile(r"^\d+\.\d+s$")
# What no client depends on, or what the embedded server leaves out on purpose.
DROPPED = {
    "taskId",
    "taskToken",
    "historySizeBytes",
    "stateTransitionCount",
    "autoResetPoints",
    "prevAutoResetPoints",
    "namespaceId",
    "parentWorkflowNamespaceId",
    "parentNamespaceId",
    "nextPageToken",
    "conflictToken",
    "pollerScalingDecision",
    "workerVersion",
    "workerDeploymentName",
    "originalStartTime",
    "executionDuration",
    "BuildIds",
    "runExpirationTime",
}


def seconds(value: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(value * 1e9))
    return duration


def payload(value) -> common.Payload:
    return common.Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())


def payloads(*values) -> common.Payloads:
    return common.Payloads(payloads=[payload(value) for value in values])


def application_failure(message: str, **info) -> failure_api.Failure:
    info.setdefault("type", "Trouble")
    return failure_api.Failure(
        message=message, application_failure_info=failure_api.ApplicationFailureInfo(**info)
    )


def retry(**policy) -> common.RetryPolicy:
    for name in ("initial_interval", "maximum_interval"):
        if name in policy:
            policy[name] = seconds(policy[name])
    return common.RetryPolicy(**policy)


def command(kind: int, **attributes) -> command_api.Command:
    return command_api.Command(command_type=kind, **attributes)


class Scenario:
    def __init__(self, client: ServiceClient, name: str) -> None:
        self.service = client.workflow_service
        self.operator = client.operator_service
        self.name = name
        self.suffix = uuid.uuid4().hex[:8]
        self.count = 0
        self.runs: dict[str, str] = {}
        self.lines = [f"== {name}"]

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def say(self, *words) -> None:
        self.lines.append(self.normal(" ".join(str(word) for word in words)))

    def normal(self, text: str) -> str:
        def run(match: re.Match[str]) -> str:
            return self.runs.setdefault(match.group(), f"<run {len(self.runs) + 1}>")

        text = text.replace(f"-{self.suffix}", "")
        return TIME.sub("<time>", UUID.sub(run, text))

    def plain(self, value, key: str = ""):
        """A message in JSON without what differs from run to run."""
        if isinstance(value, list):
            return [self.plain(item, key) for item in value]
        if isinstance(value, dict):
            data = value.get("data")
            if "metadata" in value and isinstance(value["metadata"], dict):
                return b64decode(data or "").decode()
            kept = {name: self.plain(item, name) for name, item in value.items() if name not in DROPPED}
            return {name: item for name, item in kept.items() if (name, item) != ("indexedFields", {})}
        if isinstance(value, str):
            if key == "requestId" and UUID.fullmatch(value):
                return "<request>"
            if FRACTION.match(value):
                return "<duration>"
            return self.normal(value)
        return value

    def json(self, message) -> str:
        return json.dumps(self.plain(json_format.MessageToDict(message)), sort_keys=True)

    def error(self, error: RPCError) -> str:
        details = []
        for detail in error.grpc_status.details:
            fields = self.plain(json_format.MessageToDict(detail))
            details.append(json.dumps(fields, sort_keys=True).replace("type.googleapis.com/temporal.api.", ""))
        return f"{error.status.name} {self.normal(str(error))!r} {' '.join(details)}".rstrip()

    async def send(self, method: str, request, timeout: float = 10, of=None):
        call = getattr(of or self.service, method)
        return await call(request, timeout=timedelta(seconds=timeout))

    async def call(self, label: str, method: str, request, timeout: float = 10, of=None, show=True):
        """Makes a call and notes its answer; None if it was refused."""
        try:
            answer = await self.send(method, request, timeout, of)
        except RPCError as error:
            self.say(f"{label}:", self.error(error))
            return None
        self.say(f"{label}:", self.json(answer) if show else "OK")
        return answer

    def begin(self, label: str, method: str, request, timeout: float = 15):
        """Makes a call in the background; `end` notes its answer."""

        async def call():
            try:
                return self.json(await self.send(method, request, timeout))
            except RPCError as error:
                return self.error(error)

        return label, asyncio.create_task(call())

    async def end(self, begun) -> None:
        label, task = begun
        self.say(f"{label}:", await task)

    # Clients.

    def workflow_id(self) -> str:
        self.count += 1
        return f"{self.name}-{self.count}-{self.suffix}"

    def starting(self, workflow_id: str = "", **fields) -> ws.StartWorkflowExecutionRequest:
        workflow_id = workflow_id or self.workflow_id()
        fields.setdefault("request_id", f"request-{uuid.uuid4()}")
        return ws.StartWorkflowExecutionRequest(
            namespace=NAMESPACE,
            workflow_id=workflow_id,
            workflow_type=common.WorkflowType(name="workflow"),
            task_queue=taskqueue.TaskQueue(name=workflow_id),
            identity="client",
            **fields,
        )

    async def start(self, **fields) -> str:
        request = self.starting(**fields)
        await self.send("start_workflow_execution", request)
        return request.workflow_id

    def execution(self, workflow_id: str, run_id: str = "") -> common.WorkflowExecution:
        return common.WorkflowExecution(workflow_id=workflow_id, run_id=run_id)

    async def signal(self, workflow_id: str, name: str = "signal", **fields) -> None:
        await self.call(f"signal {name}", "signal_workflow_execution", self.signaling(workflow_id, name, **fields), show=False)

    def signaling(self, workflow_id: str, name: str = "signal", **fields) -> ws.SignalWorkflowExecutionRequest:
        fields.setdefault("workflow_execution", self.execution(workflow_id))
        return ws.SignalWorkflowExecutionRequest(namespace=NAMESPACE, signal_name=name, identity="client", **fields)

    async def terminate(self, workflow_id: str, **fields) -> None:
        request = ws.TerminateWorkflowExecutionRequest(
            namespace=NAMESPACE, workflow_execution=self.execution(workflow_id), **fields
        )
        await self.call("terminate", "terminate_workflow_execution", request)

    async def cancel(self, workflow_id: str, **fields) -> None:
        fields.setdefault("workflow_execution", self.execution(workflow_id))
        request = ws.RequestCancelWorkflowExecutionRequest(namespace=NAMESPACE, identity="client", **fields)
        await self.call("cancel", "request_cancel_workflow_execution", request)

    async def describe(self, workflow_id: str, run_id: str = "") -> ws.DescribeWorkflowExecutionResponse:
        request = ws.DescribeWorkflowExecutionRequest(
            namespace=NAMESPACE, execution=self.execution(workflow_id, run_id)
        )
        return await self.send("describe_workflow_execution", request)

    async def current(self, workflow_id: str) -> str:
        return (await self.describe(workflow_id)).workflow_execution_info.execution.run_id

    async def events(self, workflow_id: str, run_id: str = "") -> list:
        request = ws.GetWorkflowExecutionHistoryRequest(
            namespace=NAMESPACE, execution=self.execution(workflow_id, run_id)
        )
        return list((await self.send("get_workflow_execution_history", request)).history.events)

    async def history(self, workflow_id: str, since: int = 1, run_id: str = "") -> None:
        for event in await self.events(workflow_id, run_id):
            if event.event_id < since:
                continue
            fields = json_format.MessageToDict(event)
            for name in ("eventId", "eventTime", "eventType"):
                fields.pop(name, None)
            attributes = event.WhichOneof("attributes")
            own = "".join(word.title() if place else word for place, word in enumerate(attributes.split("_")))
            inner = fields.pop(own, {})
            text = json.dumps(self.plain({**inner, **fields}), sort_keys=True)
            self.say(f"  {event.event_id} {EventType.Name(event.event_type)[11:]} {text}")

    # Workers.

    async def task(self, workflow_id: str, sticky: str = "", timeout: float = 12):
        queue = taskqueue.TaskQueue(name=workflow_id)
        if sticky:
            queue = taskqueue.TaskQueue(name=sticky, kind=2, normal_name=workflow_id)
        request = ws.PollWorkflowTaskQueueRequest(namespace=NAMESPACE, task_queue=queue, identity="worker")
        return await self.poll("poll_workflow_task_queue", request, timeout)

    async def poll(self, method: str, request, timeout: float):
        # A loaded server now and then gives a first poll nothing, as workers know.
        for _ in range(3):
            task = await self.send(method, request, timeout)
            if task.task_token:
                return task
        raise RuntimeError(f"{method} gives nothing")

    def show_task(self, task) -> None:
        ids = [event.event_id for event in task.history.events]
        shown = f"{ids[0]}..{ids[-1]}" if ids else "no events"
        self.say(
            f"task: attempt {task.attempt}, started {task.started_event_id}, previous "
            f"{task.previous_started_event_id}, {shown}, query {task.HasField('query')}, {len(task.queries)} queries, "
            f"messages {[(message.id, message.event_id) for message in task.messages]}"
        )

    async def answer(self, label: str, task, commands=(), **fields):
        request = ws.RespondWorkflowTaskCompletedRequest(
            namespace=NAMESPACE, task_token=task.task_token, commands=list(commands), identity="worker", **fields
        )
        return await self.call(label, "respond_workflow_task_completed", request)

    async def turn(self, workflow_id: str, *commands) -> None:
        task = await self.task(workflow_id)
        request = ws.RespondWorkflowTaskCompletedRequest(
            namespace=NAMESPACE, task_token=task.task_token, commands=list(commands), identity="worker"
        )
        await self.send("respond_workflow_task_completed", request)

    async def fail_task(self, task) -> None:
        request = ws.RespondWorkflowTaskFailedRequest(
            namespace=NAMESPACE,
            task_token=task.task_token,
            cause=14,
            failure=failure_api.Failure(message="boom"),
            identity="worker",
        )
        await self.call("fail the task", "respond_workflow_task_failed", request)

    async def activity_task(self, queue: str, timeout: float = 12):
        request = ws.PollActivityTaskQueueRequest(
            namespace=NAMESPACE, task_queue=taskqueue.TaskQueue(name=queue), identity="activity worker"
        )
        return await self.poll("poll_activity_task_queue", request, timeout)

    async def complete_activity(self, task, label: str = "complete the activity") -> None:
        request = ws.RespondActivityTaskCompletedRequest(
            namespace=NAMESPACE, task_token=task.task_token, identity="activity worker", result=payloads("result")
        )
        await self.call(label, "respond_activity_task_completed", request)

    async def fail_activity(self, task, failure, **fields) -> None:
        request = ws.RespondActivityTaskFailedRequest(
            namespace=NAMESPACE, task_token=task.task_token, failure=failure, identity="activity worker", **fields
        )
        await self.call("fail the activity", "respond_activity_task_failed", request)

    async def heartbeat(self, task, *details) -> None:
        request = ws.RecordActivityTaskHeartbeatRequest(
            namespace=NAMESPACE, task_token=task.task_token, details=payloads(*details) if details else None
        )
        await self.call("heartbeat", "record_activity_task_heartbeat", request)

    async def pending(self, workflow_id: str) -> None:
        described = await self.describe(workflow_id)
        for activity in described.pending_activities:
            self.say("pending:", self.json(activity))
        if described.HasField("pending_workflow_task"):
            self.say("pending:", self.json(described.pending_workflow_task))


def complete(result="result") -> command_api.Command:
    return command(
        4,
        complete_workflow_execution_command_attributes=command_api.CompleteWorkflowExecutionCommandAttributes(
            result=payloads(result)
        ),
    )


def fail(message="boom", **info) -> command_api.Command:
    return command(
        5,
        fail_workflow_execution_command_attributes=command_api.FailWorkflowExecutionCommandAttributes(
            failure=application_failure(message, **info)
        ),
    )


def timer(timer_id: str, after: float) -> command_api.Command:
    attributes = command_api.StartTimerCommandAttributes(timer_id=timer_id, start_to_fire_timeout=seconds(after))
    return command(3, start_timer_command_attributes=attributes)


def cancel_timer(timer_id: str) -> command_api.Command:
    attributes = command_api.CancelTimerCommandAttributes(timer_id=timer_id)
    return command(6, cancel_timer_command_attributes=attributes)


def activity(activity_id: str, queue: str, **fields) -> command_api.Command:
    fields.setdefault("schedule_to_close_timeout", seconds(60))
    attributes = command_api.ScheduleActivityTaskCommandAttributes(
        activity_id=activity_id,
        activity_type=common.ActivityType(name="activity"),
        task_queue=taskqueue.TaskQueue(name=queue),
        **fields,
    )
    return command(1, schedule_activity_task_command_attributes=attributes)


def cancel_activity(scheduled_event_id: int) -> command_api.Command:
    attributes = command_api.RequestCancelActivityTaskCommandAttributes(scheduled_event_id=scheduled_event_id)
    return command(2, request_cancel_activity_task_command_attributes=attributes)


def child(workflow_id: str, **fields) -> command_api.Command:
    attributes = command_api.StartChildWorkflowExecutionCommandAttributes(
        workflow_id=workflow_id,
        workflow_type=common.WorkflowType(name="child"),
        task_queue=taskqueue.TaskQueue(name=workflow_id),
        **fields,
    )
    return command(11, start_child_workflow_execution_command_attributes=attributes)


def continue_as_new(**fields) -> command_api.Command:
    attributes = command_api.ContinueAsNewWorkflowExecutionCommandAttributes(**fields)
    return command(10, continue_as_new_workflow_execution_command_attributes=attributes)


def signal_external(workflow_id: str, **fields) -> command_api.Command:
    attributes = command_api.SignalExternalWorkflowExecutionCommandAttributes(
        namespace=NAMESPACE, execution=common.WorkflowExecution(workflow_id=workflow_id), signal_name="signal", **fields
    )
    return command(12, signal_external_workflow_execution_command_attributes=attributes)


def cancel_external(workflow_id: str, **fields) -> command_api.Command:
    attributes = command_api.RequestCancelExternalWorkflowExecutionCommandAttributes(
        namespace=NAMESPACE, workflow_id=workflow_id, **fields
    )
    return command(8, request_cancel_external_workflow_execution_command_attributes=attributes)
