//! Callbacks at times of the server's clock.

use std::any::Any;
use std::time::Duration;

use crate::server::{Alarm, TestServer};

/// How often it is looked whether a callback itself waits for time to pass.
const LOOK: Duration = Duration::from_millis(1);
/// How many looks in a row must say so.
const LOOKS: u32 = 5;

/// Calls back when the alarm rings. The clock stands still until the callback is done, or until it
/// waits for something that only time brings.
pub(super) async fn run<F, R>(
    server: TestServer,
    alarm: impl Future<Output = Option<Alarm>>,
    callback: F,
) where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let Some(alarm) = alarm.await else {
        return;
    };
    let mut running = tokio::spawn(async move { callback().await });
    let held = hold(&server, alarm);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = held => running.await,
    };
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        let text = panic_text(&*panic);
        server.break_down(format!("a callback of `TestEnv::at` panicked: {text}"));
    }
}

/// Ready once the callback seems to wait for time to pass: somebody began to wait since it began, and
/// nothing is under way.
async fn hold(server: &TestServer, alarm: Alarm) {
    let (mut waited_before, _) = server.activity();
    let mut looks = 0;
    while looks < LOOKS {
        tokio::time::sleep(LOOK).await;
        let (waiting, in_flight) = server.activity();
        waited_before = waited_before.min(waiting);
        looks = match waiting > waited_before && in_flight == 0 {
            true => looks + 1,
            false => 0,
        };
    }
    drop(alarm);
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the message is no text")
}
