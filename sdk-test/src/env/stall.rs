//! Saying what a test waits for when nothing moves.

use std::time::Duration;

use tokio::time::Instant;

use crate::server::TestServer;

/// How long nothing must have moved.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(250);

/// Says once what keeps a test waiting.
pub(super) async fn watch(server: TestServer) {
    let mut last = server.progress();
    let mut since = Instant::now();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = server.progress();
        let (somebody_waits, _) = now;
        if now != last || !somebody_waits {
            last = now;
            since = Instant::now();
        } else if since.elapsed() >= PATIENCE {
            return tell(&server);
        }
    }
}

fn tell(server: &TestServer) {
    let blockers = server.blocked_on();
    let lines: Vec<_> = blockers.iter().map(|it| format!("\n  {it}")).collect();
    let lines = lines.concat();
    tracing::warn!(
        blocked_on = lines,
        "the test environment has not moved for 5 s"
    );
    eprintln!("the test environment has not moved for 5 s, it waits for:{lines}");
}
