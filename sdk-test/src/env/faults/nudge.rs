//! Time for what was lost to be given up.

use std::time::Duration;

use crate::server::{Blocker, TestServer};

/// How long nothing must have moved. Activities of tests take less.
const PATIENCE: Duration = Duration::from_millis(400);

/// Moves the clock on to where a lost task is given up, whenever a task is under way and nothing has
/// moved for a while: nobody wants to wait for that in real time. Queries are given up by their callers.
pub(in crate::env) async fn nudge(server: TestServer) {
    let (_, mut last) = server.progress();
    loop {
        tokio::time::sleep(PATIENCE).await;
        let (_, now) = server.progress();
        let is_task = |blocker: &Blocker| {
            matches!(
                blocker,
                Blocker::WorkflowTask { .. } | Blocker::Activity { .. }
            )
        };
        if now == last && server.blocked_on().iter().any(is_task) {
            server.give_up_a_task();
        }
        (_, last) = server.progress();
    }
}
