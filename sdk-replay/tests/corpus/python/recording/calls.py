"""Short ways to call activities from workflow code."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

ONCE = RetryPolicy(maximum_attempts=1)
TEN_SECONDS = timedelta(seconds=10)


def seconds(number):
    return timedelta(seconds=number)


def quick(attempts=0, **options):
    """A retry policy of short waits."""
    return RetryPolicy(initial_interval=seconds(0.02), backoff_coefficient=1.0, maximum_attempts=attempts, **options)


def start(name, *args, **options):
    if "schedule_to_close_timeout" not in options:
        options.setdefault("start_to_close_timeout", TEN_SECONDS)
    return workflow.start_activity(name, args=args, **options)


def local(name, *args, **options):
    if "schedule_to_close_timeout" not in options:
        options.setdefault("start_to_close_timeout", TEN_SECONDS)
    return workflow.start_local_activity(name, args=args, **options)


class Cases:
    """The run method of workflows whose cases are methods."""

    async def run_case(self, case):
        return await getattr(self, case)()
