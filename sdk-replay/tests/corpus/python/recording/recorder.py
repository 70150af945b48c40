"""Runs cases against a server and keeps their histories."""

import asyncio
import gzip
import json
import re
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from .activities import ACTIVITIES

LARGE = 12_000


@dataclass
class Recorder:
    client: Client
    address: str
    folder: Path
    saved: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def worker(self, queue, *workflows, cached=True, **options):
        """A worker of a task queue. Without a cache each task is replayed from the beginning."""
        worker = Worker(
            self.client,
            task_queue=queue,
            workflows=list(workflows),
            activities=ACTIVITIES,
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=1000 if cached else 0,
            graceful_shutdown_timeout=timedelta(milliseconds=200),
            **options,
        )
        async with worker:
            yield worker

    async def start(self, queue, workflow, case="", **options) -> WorkflowHandle:
        """Starts a workflow whose id is unique."""
        name = getattr(workflow, "__temporal_workflow_definition").name
        options.setdefault("id", f"{queue}-{uuid.uuid4().hex[:8]}")
        options.setdefault("task_timeout", timedelta(seconds=10))
        return await self.client.start_workflow(name, case, task_queue=queue, **options)

    async def case(self, name, workflow, case, steps=None, cached=True, **options):
        """Records a case: starts it, takes further steps, waits for its end."""
        queue = f"corpus-{name}"
        async with self.worker(queue, workflow, cached=cached):
            handle = await self.start(queue, workflow, case, **options)
            if steps:
                await steps(handle)
            await self.end(handle)
        await self.save(name, handle)

    async def end(self, handle):
        """Waits for an end of whatever kind; whether it is as expected, the history tells."""
        try:
            return await asyncio.wait_for(handle.result(), 30)
        except asyncio.TimeoutError:
            raise RuntimeError(f"{handle.id} does not end") from None
        except Exception as error:
            return error

    async def reached(self, handle, event_type, count=1):
        """Waits until a history has an event."""
        for _ in range(600):
            history = await handle.fetch_history()
            names = [event.event_type for event in history.events]
            if names.count(event_type) >= count:
                return history
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{handle.id} has no {count} events {event_type}")

    async def save(self, name, handle, run_id=None):
        """Keeps a history: every other one as the command line writes it, the others as the SDK does."""
        run_id = run_id or handle.result_run_id or handle.first_execution_run_id
        if len(self.saved) % 2:
            text = await self.show(handle.id, run_id)
        else:
            of_run = self.client.get_workflow_handle(handle.id, run_id=run_id)
            text = (await of_run.fetch_history()).to_json()
        assert re.fullmatch(r"[a-z0-9_-]+", name), name
        assert name not in self.saved, name
        events = json.loads(text)["events"]
        assert len(events) < 300, f"{name} has {len(events)} events"
        self.saved.append(name)
        plain, compressed = self.folder / f"{name}.json", self.folder / f"{name}.json.gz"
        if len(text) > LARGE:
            compressed.write_bytes(gzip.compress(text.encode(), mtime=0))
            plain.unlink(missing_ok=True)
        else:
            plain.write_text(text)
            compressed.unlink(missing_ok=True)
        print(f"{name}: {len(events)} events")

    async def show(self, workflow_id, run_id):
        return await self.cli("workflow", "show", "-w", workflow_id, "-r", run_id, "--output", "json")

    async def cli(self, *arguments):
        process = await asyncio.create_subprocess_exec(
            "temporal", "--address", self.address, *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"temporal {' '.join(arguments)}: {errors.decode()}")
        return output.decode()
