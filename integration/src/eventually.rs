//! Waiting for what must come about, with an end.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::time::{Duration, Instant};

/// The longest that anything in a test may take. Generous: the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(90);

/// Waits for a future that must end.
///
/// # Panics
/// It does not end by the [`DEADLINE`].
pub async fn in_time<F: Future>(what: impl Display, future: F) -> F::Output {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} takes longer than {DEADLINE:?}"),
    }
}

/// Looks again and again until `look` gives something: `Ok(value)` is what was waited for, `Err` what
/// was seen instead.
///
/// # Panics
/// It does not come about by the [`DEADLINE`]; the message says what was seen last.
pub async fn eventually<T, E: Debug>(
    what: impl Display,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let began = Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        match in_time(&what, look()).await {
            Ok(value) => return value,
            Err(seen) if began.elapsed() > DEADLINE => {
                panic!("{what} has not come about in {DEADLINE:?}; last seen: {seen:?}");
            }
            Err(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}
