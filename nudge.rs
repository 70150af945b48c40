//! Time for what was lost to be given up.

use std::time::Duration;

use crate::server::TestServer;

/// How long nothing must have moved.
const PATIENCE: Duration = Duration::from_millis(150);

/// Moves the clock on to where a lost task is given up, whenever something is under way and nothing has
/// moved for a while: nobody wants to wait for that in real time.
pub(in crate::env) async fn nudge(server: TestServer) {
    let (_, mut last) = server.progress();
    loop {
        tokio::time::sleep(PATIENCE).await;
        let (_, now) = server.progress();
        let (_, in_flight) = server.activity();
        if now == last && in_flight > 0 {
            server.give_up_a_task();
        }
        (_, last) = server.progress();
    }
}
