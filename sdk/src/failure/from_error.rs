//! Any error as a failure.

use std::any::{Any, type_name};
use std::error::Error;

use super::limits::MAX_CAUSES;
use super::stack_trace;
use super::{
    ActivityFailure, ApplicationFailure, CanceledFailure, ChildWorkflowFailure, Failure,
    NexusHandlerFailure, NexusOperationFailure, ResetWorkflowFailure, ServerFailure,
    TerminatedFailure, TimeoutFailure,
};

type BoxError = Box<dyn Error + Send + Sync>;

/// The failure an error stands for.
///
/// * An error that is a failure of any kind stays as it is.
/// * Every other error becomes an application failure with its message, the short name of its type
///   (where the type is known) and its sources as causes. Where an application failure is among the
///   sources, the error that wraps it is as retryable as it is.
pub(super) fn failure_from_error<E: Into<BoxError> + 'static>(error: E) -> Failure {
    let failure_type = short_type_name::<E>();
    match into_anyhow(error) {
        Ok(error) => {
            let stack_trace = stack_trace::text(error.backtrace());
            from_dyn(error.as_ref(), "", stack_trace, MAX_CAUSES)
        }
        Err(error) => from_boxed(&error.into(), failure_type),
    }
}

/// As [`failure_from_error`], for an error that is boxed already.
pub(super) fn from_boxed(error: &BoxError, failure_type: &str) -> Failure {
    from_dyn(
        error.as_ref(),
        failure_type,
        stack_trace::captured(),
        MAX_CAUSES,
    )
}

/// Gives an `anyhow::Error` as itself: once in a `Box<dyn Error>`, its content can no longer be told
/// by type.
pub(super) fn into_anyhow<E: 'static>(error: E) -> Result<anyhow::Error, E> {
    let mut slot = Some(error);
    let taken = (&mut slot as &mut dyn Any)
        .downcast_mut::<Option<anyhow::Error>>()
        .and_then(Option::take);
    match (taken, slot) {
        (Some(error), _) => Ok(error),
        (None, Some(error)) => Err(error),
        (None, None) => unreachable!("the slot is emptied only when its content is taken"),
    }
}

fn from_dyn(
    error: &(dyn Error + 'static),
    failure_type: &str,
    stack_trace: String,
    causes: usize,
) -> Failure {
    if let Some(failure) = as_failure(error) {
        return failure;
    }
    let cause = error.source().filter(|_| causes > 0);
    let cause = cause.map(|cause| from_dyn(cause, "", String::new(), causes - 1));
    let (message, failure_type) = (error.to_string(), failure_type.to_owned());
    let failure = match cause {
        Some(cause) => wrapping_failure(message, failure_type, cause),
        None => ApplicationFailure::without_stack_trace(message).with_type(failure_type),
    };
    failure.with_stack_trace(stack_trace).into()
}

/// The failure of an error that wraps another one. What an application failure below says of retries
/// holds for the wrapper too: a `?` or a context added on the way must not make a final failure
/// retryable.
pub(super) fn wrapping_failure(
    message: String,
    failure_type: String,
    cause: Failure,
) -> ApplicationFailure {
    let mut failure = ApplicationFailure::without_stack_trace(message).with_type(failure_type);
    let info = &mut failure.record.info;
    info.wraps = true;
    if let Failure::Application(inner) = &cause {
        let inner = &inner.record.info.proto;
        info.proto.non_retryable = inner.non_retryable;
        info.proto.next_retry_delay = inner.next_retry_delay;
        info.proto.category = inner.category;
        if info.proto.r#type.is_empty() {
            info.proto.r#type.clone_from(&inner.r#type);
        }
    }
    failure.record.cause = Some(cause);
    failure
}

/// The error as a failure, if it is one of any kind.
fn as_failure(error: &(dyn Error + 'static)) -> Option<Failure> {
    fn of<T: Error + Clone + Into<Failure> + 'static>(
        error: &(dyn Error + 'static),
    ) -> Option<Failure> {
        error.downcast_ref::<T>().cloned().map(Into::into)
    }
    of::<Failure>(error)
        .or_else(|| of::<ApplicationFailure>(error))
        .or_else(|| of::<CanceledFailure>(error))
        .or_else(|| of::<ActivityFailure>(error))
        .or_else(|| of::<ChildWorkflowFailure>(error))
        .or_else(|| of::<TimeoutFailure>(error))
        .or_else(|| of::<TerminatedFailure>(error))
        .or_else(|| of::<ServerFailure>(error))
        .or_else(|| of::<ResetWorkflowFailure>(error))
        .or_else(|| of::<NexusOperationFailure>(error))
        .or_else(|| of::<NexusHandlerFailure>(error))
}

/// The last segment of the type's path, without its parameters: `OrderError` for
/// `shop::order::OrderError`. Empty for types that say nothing of the error: text, boxes and
/// `anyhow::Error`.
pub(super) fn short_type_name<E: 'static>() -> &'static str {
    let full = type_name::<E>();
    let path = full.split_once('<').map_or(full, |(path, _)| path);
    if full.starts_with('&') || path.starts_with("alloc::") || path.starts_with("anyhow::") {
        return "";
    }
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("charge failed")]
    struct ChargeError(#[source] ApplicationFailure);

    #[derive(Debug, thiserror::Error)]
    #[error("level {0}")]
    struct Level(usize, #[source] Option<Box<Self>>);

    fn application(failure: Failure) -> ApplicationFailure {
        match failure {
            Failure::Application(failure) => failure,
            other => panic!("{other:?} is no application failure"),
        }
    }

    fn declined() -> ApplicationFailure {
        let failure = ApplicationFailure::new("declined")
            .with_type("Declined")
            .non_retryable();
        failure.with_stack_trace("")
    }

    #[test]
    fn an_error_gives_message_type_and_causes() {
        let error = Level(0, Some(Box::new(Level(1, None))));
        let failure = application(failure_from_error(error));
        assert_eq!(
            (failure.message(), failure.failure_type()),
            ("level 0", "Level")
        );
        assert!(!failure.is_non_retryable());
        assert_eq!(failure.cause().unwrap().message(), "level 1");
        assert!(failure.cause().unwrap().cause().is_none());
    }

    #[test]
    fn text_has_no_type() {
        let failure = application(failure_from_error("just text"));
        assert_eq!(
            (failure.message(), failure.failure_type()),
            ("just text", "")
        );
        let failure = application(failure_from_error("text".to_owned()));
        assert_eq!(failure.failure_type(), "");
        let boxed: BoxError = "boxed".into();
        assert_eq!(application(failure_from_error(boxed)).failure_type(), "");
    }

    #[test]
    fn a_failure_stays_what_it_is_also_inside_anyhow_and_boxes() {
        assert_eq!(application(failure_from_error(declined())), declined());
        assert_eq!(
            application(failure_from_error(Failure::from(declined()))),
            declined()
        );
        assert_eq!(
            application(failure_from_error(anyhow::Error::from(declined()))),
            declined()
        );
        let boxed: BoxError = declined().into();
        assert_eq!(application(failure_from_error(boxed)), declined());
        let canceled = failure_from_error(anyhow::Error::from(CanceledFailure::new("stop")));
        assert!(matches!(canceled, Failure::Canceled(_)));
    }

    #[test]
    fn a_wrapper_is_as_retryable_as_what_it_wraps() {
        let by_error = application(failure_from_error(ChargeError(declined())));
        assert_eq!(by_error.failure_type(), "ChargeError");
        let by_context = anyhow::Error::from(declined()).context("while charging");
        let by_context = application(failure_from_error(by_context));
        assert_eq!(by_context.failure_type(), "Declined");
        assert_eq!(by_context.message(), "while charging");
        for failure in [by_error, by_context] {
            assert!(failure.is_non_retryable());
            assert_eq!(failure.cause(), Some(&Failure::from(declined())));
        }
    }

    #[test]
    fn a_wrapped_cancellation_is_one() {
        let error = anyhow::Error::from(CanceledFailure::new("stop")).context("uploading");
        assert!(failure_from_error(error).is_canceled());
    }

    #[test]
    fn an_endless_chain_is_cut() {
        let level = |inner, number| Level(number, Some(Box::new(inner)));
        let error = (1..200).fold(Level(0, None), level);
        assert_eq!(failure_from_error(error).chain().count(), MAX_CAUSES + 1);
    }
}
