//! `join!` and `try_join!`.

/// Waits for all of several futures; gives a tuple of their outputs.
///
/// ```
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<u64> {
/// let (snail, sloth) = durably::join!(ctx.activity(quote, "snail"), ctx.activity(quote, "sloth"));
/// let best = snail?.min(sloth?);
/// # Ok(best)
/// # }
/// ```
///
/// # Determinism
/// The futures begin, and are polled, in the order in which they are written.
#[macro_export]
macro_rules! join {
    (@futures [$({ $future:ident $output:ident $expression:expr })*]) => {{
        $(
            let mut $output = $crate::__private::None;
        )*
        {
            $(
                let mut $future = $crate::__private::pin!($crate::__private::Some(
                    $crate::__private::IntoFuture::into_future($expression)
                ));
            )*
            $crate::__private::poll_fn(|_cx| {
                #[allow(unused_mut)]
                let mut waiting = false;
                $(
                    match $crate::__private::poll_branch($future.as_mut(), _cx) {
                        $crate::__private::Some($crate::__private::Poll::Ready(value)) => {
                            $output = $crate::__private::Some(value);
                        }
                        $crate::__private::Some($crate::__private::Poll::Pending) => waiting = true,
                        $crate::__private::None => {}
                    }
                )*
                if waiting {
                    $crate::__private::Poll::Pending
                } else {
                    $crate::__private::Poll::Ready(())
                }
            })
            .await;
        }
        ($($crate::__private::take_output($output),)*)
    }};
    (@futures [$($futures:tt)*] $future:expr $(, $($rest:tt)*)?) => {
        $crate::join!(@futures [$($futures)* { future output $future }] $($($rest)*)?)
    };
    ($($futures:expr),* $(,)?) => {
        $crate::join!(@futures [] $($futures),*)
    };
}

/// Waits for all of several futures as long as none fails; gives a tuple of their values.
///
/// The first error ends the wait and drops the futures that are not done, which cancels what they
/// have started. All futures must have the same type of error.
///
/// ```
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<u64> {
/// let (snail, sloth) =
///     durably::try_join!(ctx.activity(quote, "snail"), ctx.activity(quote, "sloth"))?;
/// # Ok(snail.min(sloth))
/// # }
/// ```
///
/// # Determinism
/// The futures begin, and are polled, in the order in which they are written.
#[macro_export]
macro_rules! try_join {
    (@futures [$({ $future:ident $output:ident $expression:expr })*]) => {{
        $(
            let mut $output = $crate::__private::None;
        )*
        let ended = {
            $(
                let mut $future = $crate::__private::pin!($crate::__private::Some(
                    $crate::__private::IntoFuture::into_future($expression)
                ));
            )*
            $crate::__private::poll_fn(|cx| {
                let mut waiting = false;
                $(
                    match $crate::__private::poll_branch($future.as_mut(), cx) {
                        $crate::__private::Some($crate::__private::Poll::Ready(
                            $crate::__private::Ok(value),
                        )) => {
                            $output = $crate::__private::Some(value);
                        }
                        $crate::__private::Some($crate::__private::Poll::Ready(
                            $crate::__private::Err(error),
                        )) => {
                            return $crate::__private::Poll::Ready($crate::__private::Err(error));
                        }
                        $crate::__private::Some($crate::__private::Poll::Pending) => waiting = true,
                        $crate::__private::None => {}
                    }
                )*
                if waiting {
                    $crate::__private::Poll::Pending
                } else {
                    $crate::__private::Poll::Ready($crate::__private::Ok(()))
                }
            })
            .await
        };
        match ended {
            $crate::__private::Ok(()) => {
                $crate::__private::Ok(($($crate::__private::take_output($output),)*))
            }
            $crate::__private::Err(error) => $crate::__private::Err(error),
        }
    }};
    (@futures [$($futures:tt)*] $future:expr $(, $($rest:tt)*)?) => {
        $crate::try_join!(@futures [$($futures)* { future output $future }] $($($rest)*)?)
    };
    ($($futures:expr),+ $(,)?) => {
        $crate::try_join!(@futures [] $($futures),+)
    };
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::{pending, ready};
    use std::task::{Context as PollContext, Poll, Waker};

    use crate::workflow::testing::{Gate, run_ready};

    #[test]
    fn all_are_waited_for_and_polled_as_written() {
        let log = RefCell::new(Vec::new());
        let step = |name: &'static str, gate: Gate| {
            let log = &log;
            async move {
                log.borrow_mut().push(name);
                gate.wait_for(()).await;
                log.borrow_mut().push(name);
                name
            }
        };
        let (first, second) = (Gate::default(), Gate::default());
        let mut task = std::pin::pin!(async {
            crate::join!(
                step("a", first.clone()),
                step("b", second.clone()),
                ready(3),
            )
        });
        let mut cx = PollContext::from_waker(Waker::noop());
        second.open();
        assert!(task.as_mut().poll(&mut cx).is_pending());
        first.open();
        assert_eq!(task.as_mut().poll(&mut cx), Poll::Ready(("a", "b", 3)));
        assert_eq!(*log.borrow(), ["a", "b", "b", "a"]);
    }

    #[test]
    fn the_first_error_ends_the_wait() {
        let result: Result<((), u32, u32), &str> = run_ready(async {
            crate::try_join!(pending::<Result<(), _>>(), ready(Ok(1)), ready(Err("no")))
        });
        assert_eq!(result, Err("no"));
        let result: Result<_, &str> =
            run_ready(async { crate::try_join!(ready(Ok(1)), ready(Ok("two"))) });
        assert_eq!(result, Ok((1, "two")));
        assert_eq!(run_ready(async { crate::join!(ready(1)) }), (1,));
    }
}
