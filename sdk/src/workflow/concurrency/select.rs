//! `select!`.

/// Waits for the first of several futures, and drops the others.
///
/// Arms are `pattern = future => expression`, separated by commas; after a block the comma may be left
/// out. The expression is evaluated once the other futures are dropped: it may use what they borrowed,
/// and `.await`, `?`, `return` and `break` in it mean what they mean outside.
///
/// ```
/// # use std::time::Duration;
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<Option<u64>> {
/// let price = durably::select! {
///     price = ctx.activity(quote, "snail") => Some(price?),
///     slept = ctx.sleep(Duration::from_secs(60)) => {
///         slept?;
///         None
///     }
/// };
/// # Ok(price)
/// # }
/// ```
///
/// # Guards, patterns, `else`
/// A guard, `pattern = future, if condition => ..`, takes its arm out when the condition is false. The
/// future's expression is not evaluated then: no activity is scheduled by an arm that is out.
///
/// An arm whose output does not match its pattern is out as well, and the others are waited for. When
/// all arms are out, the `else` arm is taken, which comes last.
///
/// ```
/// # use durably::prelude::*;
/// # use durably::workflow::Receiver;
/// # async fn example(first: &mut Receiver<u32>, second: &mut Receiver<u32>, open: bool) {
/// let number = durably::select! {
///     Some(number) = first.recv() => Some(number),
///     Some(number) = second.recv(), if open => Some(number),
///     else => None,
/// };
/// # }
/// ```
///
/// # Panics
/// All arms are out and there is no `else`. As with every panic, the workflow task fails and is tried
/// again until the code is mended.
///
/// # Determinism
/// The futures begin in the order in which they are written, so their commands are issued in that
/// order. They are polled in that order, too: of two that are ready at the same time, the one that is
/// written first is chosen. (`tokio::select!` chooses at random.)
#[macro_export]
macro_rules! select {
    (@arms [$($arms:tt)*] else => $else:expr $(,)?) => {
        $crate::select!(@expand [$($arms)*] ($else))
    };
    (@arms [$($arms:tt)+]) => {
        $crate::select!(@expand [$($arms)+] ($crate::__private::no_branch_left()))
    };
    (@arms $arms:tt $pattern:pat = $future:expr, if $guard:expr => $($rest:tt)+) => {
        $crate::select!(@handler $arms (future output ($pattern) ($future) ($guard)) $($rest)+)
    };
    (@arms $arms:tt $pattern:pat = $future:expr => $($rest:tt)+) => {
        $crate::select!(@handler $arms (future output ($pattern) ($future) (true)) $($rest)+)
    };
    (@handler [$($arms:tt)*] ($($arm:tt)*) $handler:block, $($rest:tt)*) => {
        $crate::select!(@arms [$($arms)* { $($arm)* ($handler) }] $($rest)*)
    };
    (@handler [$($arms:tt)*] ($($arm:tt)*) $handler:block $($rest:tt)*) => {
        $crate::select!(@arms [$($arms)* { $($arm)* ($handler) }] $($rest)*)
    };
    (@handler [$($arms:tt)*] ($($arm:tt)*) $handler:expr, $($rest:tt)*) => {
        $crate::select!(@arms [$($arms)* { $($arm)* ($handler) }] $($rest)*)
    };
    (@handler [$($arms:tt)*] ($($arm:tt)*) $handler:expr) => {
        $crate::select!(@arms [$($arms)* { $($arm)* ($handler) }])
    };
    // Each arm's `future` and `output` are names of their own: every step of the recursion that
    // writes them down has its own hygiene.
    (@expand [$({
        $future:ident $output:ident ($pattern:pat) ($expression:expr) ($guard:expr) ($handler:expr)
    })*] ($else:expr)) => {{
        $(
            #[allow(unused_mut, unused_assignments)]
            let mut $output = $crate::__private::None;
        )*
        {
            $(
                let mut $future = $crate::__private::pin!(if $guard {
                    $crate::__private::Some($crate::__private::IntoFuture::into_future($expression))
                } else {
                    $crate::__private::None
                });
            )*
            $crate::__private::poll_fn(|cx| {
                #[allow(unused_mut)]
                let mut waiting = false;
                $(
                    match $crate::__private::poll_branch($future.as_mut(), cx) {
                        $crate::__private::Some($crate::__private::Poll::Ready(value)) => {
                            let mut matches = false;
                            // The guard lets the pattern look at the value without taking it.
                            #[allow(unused_variables, unused_mut)]
                            let value = match value {
                                $pattern if { matches = true; false } => {
                                    $crate::__private::unreachable!()
                                }
                                value => value,
                            };
                            if matches {
                                $output = $crate::__private::Some(value);
                                return $crate::__private::Poll::Ready(());
                            }
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
        $(
            if let $crate::__private::Some(value) = $output {
                match value {
                    $pattern => $handler,
                    #[allow(unreachable_patterns)]
                    _ => $crate::__private::unreachable!(),
                }
            } else
        )* {
            $else
        }
    }};
    (@$step:ident $($rest:tt)*) => {
        ::core::compile_error!(
            "arms of select! are `pattern = future => expression`, with `, if condition` after the \
             future where needed; `else => expression` comes last"
        )
    };
    () => {
        ::core::compile_error!("select! needs an arm: `pattern = future => expression`")
    };
    ($($arms:tt)+) => {
        $crate::select!(@arms [] $($arms)+)
    };
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::{pending, ready};
    use std::task::{Poll, Waker};

    use crate::workflow::testing::{Gate, run_ready};

    #[test]
    fn the_first_written_of_those_that_are_ready_is_chosen() {
        let chosen = run_ready(async {
            crate::select! {
                _ = pending::<()>() => "never",
                number = ready(1) => { assert_eq!(number, 1); "first" }
                _ = ready(2) => "second",
            }
        });
        assert_eq!(chosen, "first");
    }

    #[test]
    fn an_arm_that_is_guarded_out_is_not_even_begun() {
        let begun = RefCell::new(Vec::new());
        let begin = |name: &'static str| {
            begun.borrow_mut().push(name);
            ready(name)
        };
        let chosen = run_ready(async {
            crate::select! {
                name = begin("a"), if begun.borrow().len() == 1 => name,
                name = begin("b") => name,
                name = begin("c") => name,
            }
        });
        assert_eq!((chosen, begun.into_inner()), ("b", vec!["b", "c"]));
    }

    #[test]
    fn outputs_that_do_not_match_leave_it_to_the_others() {
        let gate = Gate::default();
        let mut task = std::pin::pin!(async {
            crate::select! {
                Some((mut text, ref tail)) = ready(None::<(String, String)>) => { text += tail; text }
                Ok(text) | Err(text) = gate.wait_for(Ok::<_, String>("late".to_owned())) => text,
            }
        });
        let mut cx = std::task::Context::from_waker(Waker::noop());
        assert!(task.as_mut().poll(&mut cx).is_pending());
        gate.open();
        assert_eq!(task.as_mut().poll(&mut cx), Poll::Ready("late".to_owned()));
    }

    #[test]
    fn else_is_taken_when_all_arms_are_out() {
        let taken = run_ready(async {
            crate::select! {
                Some(number) = ready(None::<u32>) => number,
                number = ready(1), if false => number,
                else => 7,
            }
        });
        assert_eq!(taken, 7);
    }

    #[test]
    #[should_panic(expected = "select! has no branch left")]
    fn without_else_that_is_a_panic() {
        run_ready(async {
            crate::select! { Some(()) = ready(None) => {} }
        });
    }

    #[test]
    fn losers_are_dropped_before_the_expression_which_may_leave_the_loop() {
        let dropped = RefCell::new(Vec::new());
        struct Loser<'a>(&'a RefCell<Vec<&'static str>>);
        impl Drop for Loser<'_> {
            fn drop(&mut self) {
                self.0.borrow_mut().push("loser");
            }
        }
        let rounds = run_ready(async {
            let mut rounds = 0;
            loop {
                let loser = Loser(&dropped);
                crate::select! {
                    _ = async { let _loser = loser; pending::<()>().await } => {},
                    round = ready(rounds) => {
                        dropped.borrow_mut().push("arm");
                        rounds += 1;
                        if round < 1 {
                            continue;
                        }
                        ready(()).await;
                        break rounds;
                    }
                }
            }
        });
        assert_eq!(rounds, 2);
        assert_eq!(dropped.into_inner(), ["loser", "arm", "loser", "arm"]);
    }
}
