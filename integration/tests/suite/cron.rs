//! Workflows on a schedule.

use durably::client::ResultError;
use durably::prelude::*;
use durably_integration::{Test, in_time};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

struct Totals {
    told: UnboundedSender<String>,
}

#[activities]
impl Totals {
    #[activity(start_to_close_timeout = "10s")]
    async fn tell(&self, what: String) -> ActivityResult<()> {
        Ok(self.told.send(what)?)
    }
}

/// Counts its firings; the second one fails.
#[workflow]
async fn fires(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let last = ctx.info().last_completion_result::<u32>()?;
    let failure = ctx
        .info()
        .last_failure()
        .map(|failure| failure.message().to_owned());
    ctx.activity(
        Totals::tell,
        format!("{last:?} {failure:?} {:?}", ctx.info().cron_schedule()),
    )
    .await?;
    if last == Some(1) && failure.is_none() {
        return Err("the second firing fails".into());
    }
    Ok(last.unwrap_or(0) + 1)
}

#[tokio::test]
async fn each_firing_knows_the_last_result_and_the_last_failure() {
    let test = Test::begin().await;
    let (told, mut heard) = unbounded_channel();
    let _worker = test.worker(|worker| worker.workflow(fires).activities(Totals { told }));
    let handle = test
        .starting(fires, ())
        .cron_schedule("@every 1s")
        .await
        .unwrap();
    let schedule = "Some(\"@every 1s\")";
    for expected in [
        format!("None None {schedule}"),
        format!("Some(1) None {schedule}"),
        format!("Some(1) Some(\"the second firing fails\") {schedule}"),
        format!("Some(2) None {schedule}"),
    ] {
        assert_eq!(in_time("a firing", heard.recv()).await.unwrap(), expected);
    }
    handle.terminate("seen enough").await.unwrap();
    let error = in_time("the end", handle.result().into_future())
        .await
        .unwrap_err();
    let ResultError::Terminated { reason, .. } = error else {
        panic!("a termination, not {error:?}");
    };
    assert_eq!(reason, "seen enough");
}

#[tokio::test]
async fn a_schedule_that_makes_no_sense_is_refused() {
    let test = Test::begin().await;
    let error = test
        .starting(fires, ())
        .cron_schedule("every now and then")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("CronSchedule"), "{error}");
}
