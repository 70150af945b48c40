"""Nexus operations: at once, by a workflow, failing, canceled."""

import asyncio

import nexusrpc
import nexusrpc.handler
from temporalio import nexus, workflow
from temporalio.exceptions import NexusOperationError

from .calls import Cases, seconds, start

QUEUE = "corpus-nexus"


@nexusrpc.service
class Shop:
    price: nexusrpc.Operation[str, int]
    deliver: nexusrpc.Operation[str, str]


@nexusrpc.handler.service_handler(service=Shop)
class ShopHandler:
    @nexusrpc.handler.sync_operation
    async def price(self, context: nexusrpc.handler.StartOperationContext, article: str) -> int:
        if article == "nothing":
            raise nexusrpc.OperationError("no such article", state=nexusrpc.OperationErrorState.FAILED)
        return len(article)

    @nexus.workflow_run_operation
    async def deliver(self, context: nexus.WorkflowRunOperationContext, article: str) -> nexus.WorkflowHandle[str]:
        return await context.start_workflow(Delivery.run, article, id=f"corpus-delivery-{context.request_id}")


@workflow.defn
class Delivery:
    @workflow.run
    async def run(self, article: str) -> str:
        await asyncio.sleep(60 if article == "lost" else 0.2)
        return f"{article} delivered"


@workflow.defn
class NexusCalls(Cases):
    @workflow.run
    async def run(self, case: str):
        client = workflow.create_nexus_client(service=Shop, endpoint="corpus")
        return await getattr(self, case)(client)

    async def at_once(self, client):
        price = await client.execute_operation(Shop.price, "lamp", schedule_to_close_timeout=seconds(20))
        return await start("echo", price)

    async def by_workflow(self, client):
        handle = await client.start_operation(Shop.deliver, "lamp")
        await start("echo", "started")
        return await handle

    async def fails(self, client):
        try:
            await client.execute_operation(Shop.price, "nothing")
        except NexusOperationError:
            return await start("echo", "caught")

    async def together(self, client):
        return await asyncio.gather(
            client.execute_operation(Shop.deliver, "lamp"), client.execute_operation(Shop.price, "lamp"),
            client.execute_operation(Shop.deliver, "chair"), start("echo", 1),
        )

    async def canceled(self, client):
        handle = await client.start_operation(Shop.deliver, "lost")
        await start("echo", "started")
        handle.cancel()
        try:
            await handle
        except NexusOperationError:
            return await start("echo", "canceled")

    async def times_out(self, client):
        try:
            await client.execute_operation(Shop.deliver, "lost", schedule_to_close_timeout=seconds(0.5))
        except NexusOperationError:
            return await start("echo", "timed out")


async def record(recorder):
    cases = ["at_once", "by_workflow", "fails", "together", "canceled", "times_out"]
    async with recorder.worker(QUEUE, Delivery, nexus_service_handlers=[ShopHandler()]):
        await asyncio.gather(*(recorder.case(f"nexus-{case}", NexusCalls, case) for case in cases))
