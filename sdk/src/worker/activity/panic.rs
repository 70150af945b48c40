//! Panics of activities are failures of the attempt, with a place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::failure::{ActivityError, ApplicationFailure, captured_stack_trace};

/// The type of the failure that a panic becomes.
const PANIC_ERROR: &str = "PanicError";

thread_local! {
    /// Whether this thread runs code of an activity.
    static IN_ACTIVITY: Cell<bool> = const { Cell::new(false) };
    /// Where that code panicked last.
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

struct Place {
    location: String,
    stack_trace: String,
}

/// Remembers a panic's place if it happened in the code of an activity on this thread.
///
/// For the process's panic hook: a caught panic does not tell its place.
pub(crate) fn note_panic(info: &PanicHookInfo<'_>) {
    if !IN_ACTIVITY.get() {
        return;
    }
    let place = info.location().map(|location| Place {
        location: location.to_string(),
        stack_trace: captured_stack_trace(),
    });
    PLACE.with(|slot| *slot.borrow_mut() = place);
}

/// Calls a function; gives a failure for its panic.
pub(super) fn catch<T>(function: impl FnOnce() -> T) -> Result<T, ActivityError> {
    let outer = IN_ACTIVITY.replace(true);
    // What the function leaves half done, only it can see: the attempt ends with the panic.
    let result = catch_unwind(AssertUnwindSafe(function));
    IN_ACTIVITY.set(outer);
    result.map_err(|payload| failure(&*payload, PLACE.take()))
}

/// Polls a future to its end and drops it; gives a failure for its panic.
pub(super) async fn catch_async<F: Future>(future: F) -> Result<F::Output, ActivityError> {
    let mut future = pin!(Some(future));
    let result = poll_fn(|cx| {
        let future = future.as_mut().as_pin_mut();
        let future = future.expect("the future is there until it has ended");
        match catch(|| future.poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(error) => Poll::Ready(Err(error)),
        }
    })
    .await;
    // What is left of it may have destructors, which are the user's code as well.
    let dropped = catch(|| future.set(None));
    result.and_then(|output| dropped.map(|()| output))
}

fn failure(payload: &(dyn Any + Send), place: Option<Place>) -> ActivityError {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text");
    let (message, stack_trace) = match place {
        Some(place) => (
            format!("activity panicked at {}: {text}", place.location),
            place.stack_trace,
        ),
        None => (format!("activity panicked: {text}"), String::new()),
    };
    ApplicationFailure::new(message)
        .with_type(PANIC_ERROR)
        .with_stack_trace(stack_trace)
        .into()
}
