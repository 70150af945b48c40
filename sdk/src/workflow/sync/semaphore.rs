//! Limiting how many do something at a time.

use std::fmt;

use super::line::Line;

/// A number of permits, which tasks and handlers of a run take and give back. Clones are the same
/// semaphore.
///
/// ```
/// # use durably::prelude::*;
/// use durably::workflow::Semaphore;
///
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn convert(page: u32) -> ActivityResult<()> { Ok(()) }
/// #[workflow]
/// async fn convert_all(ctx: &WorkflowContext, pages: u32) -> WorkflowResult<()> {
///     let semaphore = Semaphore::new(10);
///     let mut tasks = Vec::new();
///     for page in 0..pages {
///         let permit = semaphore.acquire().await;
///         let call = ctx.activity(convert, page);
///         tasks.push(ctx.spawn(async move {
///             let _until_the_end = permit;
///             call.await
///         }));
///     }
///     try_join_all(tasks).await?;
///     Ok(())
/// }
/// ```
///
/// Who waits longest is served first, and whoever wants many permits holds up those behind.
///
/// # Determinism
/// Nothing is recorded. Permits must not be taken in queries and validators: the query fails.
#[derive(Clone)]
pub struct Semaphore {
    line: Line,
    permits: usize,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Self {
            line: Line::new(permits, "taking a permit of a Semaphore"),
            permits,
        }
    }

    /// Waits for a permit.
    ///
    /// # Panics
    /// The semaphore has none.
    pub async fn acquire(&self) -> SemaphorePermit {
        self.acquire_many(1).await
    }

    /// Waits for several permits at once.
    ///
    /// # Panics
    /// The semaphore has fewer: they would never come.
    pub async fn acquire_many(&self, count: usize) -> SemaphorePermit {
        assert!(
            count <= self.permits,
            "{count} permits were asked of a semaphore that has {} in all",
            self.permits
        );
        self.line.acquire_open(count).await;
        SemaphorePermit {
            line: self.line.clone(),
            count,
        }
    }

    /// Takes a permit if one is free and nobody waits for it.
    pub fn try_acquire(&self) -> Option<SemaphorePermit> {
        self.line.try_acquire(1).then(|| SemaphorePermit {
            line: self.line.clone(),
            count: 1,
        })
    }

    /// How many permits are free.
    pub fn available(&self) -> usize {
        self.line.available()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Semaphore({} of {} free)",
            self.available(),
            self.permits
        )
    }
}

/// Permits of a [`Semaphore`]. Dropping them gives them back.
#[derive(Debug)]
#[must_use = "a permit that is dropped is given back"]
pub struct SemaphorePermit {
    line: Line,
    count: usize,
}

impl Drop for SemaphorePermit {
    fn drop(&mut self) {
        self.line.release(self.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::testing::run_ready;

    #[test]
    fn permits_come_back_when_they_are_dropped() {
        let semaphore = Semaphore::new(3);
        let two = run_ready(semaphore.acquire_many(2));
        let one = semaphore.clone().try_acquire();
        assert!(one.is_some() && semaphore.try_acquire().is_none());
        drop(two);
        assert_eq!(semaphore.available(), 2);
        assert_eq!(format!("{semaphore:?}"), "Semaphore(2 of 3 free)");
    }

    #[test]
    #[should_panic(expected = "4 permits were asked of a semaphore that has 3 in all")]
    fn more_than_there_are_can_never_come() {
        let _ = run_ready(Semaphore::new(3).acquire_many(4));
    }
}
