//! Undoing what was done when a later step fails.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

use super::call::fail_task;
use super::{WorkflowContext, join_all};
use crate::failure::{ApplicationFailure, Failure, WorkflowError};

type Compensation<T> = Pin<Box<dyn Future<Output = Result<T, WorkflowError>>>>;

/// What undoes the steps that were done: the last one first, whatever happens meanwhile.
///
/// ```
/// # use durably::prelude::*;
/// use durably::workflow::Saga;
///
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn charge(order: String) -> ActivityResult<u64> { Ok(7) }
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn refund(payment: u64) -> ActivityResult<()> { Ok(()) }
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn ship(order: String) -> ActivityResult<()> { Ok(()) }
/// #[workflow]
/// async fn buy(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
///     let mut saga = Saga::new();
///     let result = steps(ctx, &order, &mut saga).await;
///     if result.is_err() {
///         saga.run_compensations(ctx).await?;
///     }
///     Ok(result?)
/// }
///
/// async fn steps(ctx: &WorkflowContext, order: &str, saga: &mut Saga) -> Result<(), Failure> {
///     let payment = ctx.activity(charge, order).await?;
///     saga.compensate(ctx.activity(refund, payment));
///     ctx.activity(ship, order).await
/// }
/// ```
///
/// A step whose outcome may be unknown (its activity timed out, say) is better compensated from before
/// it begins, by an activity that also copes with nothing to undo.
///
/// `T` is what each compensation gives. Dropping a saga compensates nothing: the steps stand.
///
/// # Determinism
/// Nothing is recorded but what the compensations do.
pub struct Saga<T = ()> {
    compensations: Vec<Compensation<T>>,
    in_parallel: bool,
}

impl<T: 'static> Saga<T> {
    /// A saga without any steps.
    pub fn new() -> Self {
        Self {
            compensations: Vec::new(),
            in_parallel: false,
        }
    }

    /// Runs the compensations beside each other, for steps that do not depend on one another. They
    /// still begin with the last one.
    #[must_use]
    pub fn in_parallel(mut self) -> Self {
        self.in_parallel = true;
        self
    }

    /// Adds what undoes a step: a call, or an `async move` block. It begins when the compensations
    /// are run, if ever.
    pub fn compensate<F, E>(&mut self, compensation: F)
    where
        F: IntoFuture<Output = Result<T, E>> + 'static,
        E: Into<WorkflowError>,
    {
        let compensation = async move { compensation.await.map_err(Into::into) };
        self.compensations.push(Box::pin(compensation));
    }

    /// How many compensations there are.
    pub fn len(&self) -> usize {
        self.compensations.len()
    }

    /// Whether there is nothing to undo.
    pub fn is_empty(&self) -> bool {
        self.compensations.is_empty()
    }

    /// Runs all compensations, the one that was added last first; gives what they gave, in the order
    /// in which they were run.
    ///
    /// No cancellation reaches them, and one that fails keeps none of the others from being run.
    ///
    /// # Errors
    /// [`CompensationsFailed`] when one of them failed, with the failures of all that did.
    pub async fn run_compensations(
        self,
        ctx: &WorkflowContext,
    ) -> Result<Vec<T>, CompensationsFailed> {
        let total = self.len();
        let compensations = self.compensations.into_iter().rev();
        let compensations = compensations.map(|compensation| run(ctx, compensation));
        let ended = if self.in_parallel {
            ctx.shield(join_all(compensations)).await
        } else {
            ctx.shield(one_by_one(compensations)).await
        };
        let mut values = Vec::new();
        let mut failures = Vec::new();
        for end in ended {
            match end {
                Ok(value) => values.push(value),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() {
            Ok(values)
        } else {
            Err(CompensationsFailed { failures, total })
        }
    }
}

async fn one_by_one<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut outputs = Vec::new();
    for future in futures {
        outputs.push(future.await);
    }
    outputs
}

async fn run<T>(ctx: &WorkflowContext, compensation: Compensation<T>) -> Result<T, Failure> {
    match compensation.await {
        Ok(value) => Ok(value),
        Err(WorkflowError::Failed(failure) | WorkflowError::TaskFailed(failure)) => Err(failure),
        Err(WorkflowError::ContinueAsNew(_)) => Err(ApplicationFailure::new(
            "a compensation cannot continue as new: return that from the workflow itself",
        )
        .into()),
        // As everywhere in a workflow: the task fails until the code is mended.
        Err(WorkflowError::Payload(error)) => {
            fail_task(ctx, "a value of a compensation", &error, None);
            std::future::pending().await
        }
    }
}

impl<T: 'static> Default for Saga<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Saga<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Saga")
            .field("compensations", &self.compensations.len())
            .field("in_parallel", &self.in_parallel)
            .finish()
    }
}

/// Some compensations of a [`Saga`] failed; all of them were run.
///
/// As the error of a workflow or as a [`Failure`] it is an application failure of type
/// `CompensationsFailed`, whose cause is the first of the failures.
#[derive(Debug, Clone)]
pub struct CompensationsFailed {
    /// The failures, in the order in which the compensations were run.
    pub failures: Vec<Failure>,
    /// How many compensations were run.
    pub total: usize,
}

impl fmt::Display for CompensationsFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failures.len();
        write!(formatter, "{failed} of {} compensations failed", self.total)?;
        for (index, failure) in self.failures.iter().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(formatter, "{separator}{}", innermost(failure))?;
        }
        Ok(())
    }
}

/// What went wrong, without the layers of an activity's failure around it.
fn innermost(failure: &Failure) -> &str {
    failure.chain().last().map_or("", Failure::message)
}

impl Error for CompensationsFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = self.failures.first()?;
        Some(first)
    }
}

impl From<CompensationsFailed> for Failure {
    fn from(failed: CompensationsFailed) -> Self {
        ApplicationFailure::from_error(failed).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_all_failures_and_keeps_the_first_as_its_cause() {
        let failure = |message: &str| Failure::from(ApplicationFailure::new(message));
        let failed = CompensationsFailed {
            failures: vec![failure("no refund"), failure("no recall")],
            total: 3,
        };
        let text = "2 of 3 compensations failed: no refund; no recall";
        assert_eq!(failed.to_string(), text);
        let failure = Failure::from(failed);
        assert_eq!(failure.message(), text);
        let kind = failure.application().unwrap().failure_type();
        assert_eq!(kind, "CompensationsFailed");
        assert_eq!(failure.cause().unwrap().message(), "no refund");
    }
}
