//! An order as it was when it was recorded, and what became of its code since.

use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;
use durably::workflow::join_all;

#[activity(start_to_close_timeout = "10s")]
pub async fn reserve(_order: String) -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
pub async fn charge(_order: String) -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
pub async fn charge_card(_order: String) -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
pub async fn ship(_order: String) -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
pub async fn mail(_order: String) -> ActivityResult<()> {
    Ok(())
}

#[workflow(name = "order")]
pub async fn original(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge, &order).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn shipped_first(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(ship, &order).await?;
    ctx.activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn renamed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge_card, &order).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn without_timer(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge, &order).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_timer(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.sleep(Duration::from_secs(5)).await?;
    ctx.activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_mail_at_the_end(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge, &order).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    ctx.activity(ship, &order).await?;
    ctx.activity(mail, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_mail_beside(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    let charged = ctx.activity(charge, &order).start();
    let mailed = ctx.activity(mail, &order).start();
    charged.await?;
    mailed.await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn ended_early(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn failing(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge, &order).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    ctx.activity(ship, &order).await?;
    Err(ApplicationFailure::new("no more").into())
}

#[workflow(name = "order")]
pub async fn waiting(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.wait_until(|| false).await?;
    ctx.activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn charged_locally(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.local_activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn panicking(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    panic!("no stock of {order}");
}

#[workflow(name = "order")]
pub async fn with_a_number(ctx: &WorkflowContext, _order: u64) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(60)).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_a_number_from_reserve(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let call = ctx.activity_by_name::<u64>("reserve", vec![order.to_payload()?]);
    call.start_to_close_timeout(Duration::from_secs(10)).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn dawdling(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    drop(ctx.sleep(Duration::from_secs(1)));
    ctx.activity(charge, &order).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn patched(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve-first") {
        ctx.activity(reserve, &order).await?;
    }
    ctx.activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn unpatched(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    ctx.activity(charge, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn patched_late(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    if ctx.patched("reserve-first") {
        ctx.activity(charge, &order).await?;
    }
    Ok(())
}

#[workflow(name = "order")]
pub async fn side_by_side(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reserved = ctx.activity(reserve, &order).start();
    let charged = ctx.activity(charge, &order).start();
    reserved.await?;
    charged.await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn other_side_first(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let charged = ctx.activity(charge, &order).start();
    let reserved = ctx.activity(reserve, &order).start();
    reserved.await?;
    charged.await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn in_a_loop(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let names = ["reserve", "charge", "ship", "mail"].map(str::to_owned);
    all_of(ctx, names.into(), &order).await
}

#[workflow(name = "order")]
pub async fn in_a_loop_without_order(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let names = ["mail", "ship", "charge", "reserve"].map(str::to_owned);
    all_of(ctx, names.into(), &order).await
}

async fn all_of(ctx: &WorkflowContext, names: Vec<String>, order: &String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in names {
        let arguments = vec![order.to_payload()?];
        let call = ctx.activity_by_name::<()>(name, arguments);
        calls.push(call.start_to_close_timeout(Duration::from_secs(10)).start());
    }
    for done in join_all(calls).await {
        done?;
    }
    Ok(())
}

/// Draws from a counter of the process, as a clock or a hash map would do.
#[workflow(name = "order")]
pub async fn random(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    use std::sync::atomic::{AtomicBool, Ordering};
    static TOGGLE: AtomicBool = AtomicBool::new(false);
    ctx.activity(reserve, &order).await?;
    if TOGGLE.fetch_not(Ordering::Relaxed) {
        ctx.activity(charge, &order).await?;
    } else {
        ctx.activity(mail, &order).await?;
    }
    Ok(())
}

#[workflow(name = "order")]
pub async fn patched_too_late(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reserved = ctx.activity(reserve, &order).start();
    if ctx.patched("reserve-first") {
        reserved.await?;
    }
    Ok(())
}

#[workflow(name = "order")]
pub async fn versioned(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.version("shipping", WorkflowContext::DEFAULT_VERSION, 1);
    ctx.activity(reserve, &order).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn versioned_later(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.version("shipping", 2, 3);
    ctx.activity(reserve, &order).await?;
    Ok(())
}

/// Waits for what no history brings.
#[workflow(name = "order")]
pub async fn elsewhere(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?;
    std::future::pending::<()>().await;
    Ok(())
}

#[workflow(name = "parcel")]
pub async fn parcel(_ctx: &WorkflowContext, _name: String) -> WorkflowResult<()> {
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_child(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let id = format!("{order}-parcel");
    ctx.child(parcel, &order).workflow_id(id).await?;
    Ok(())
}

#[workflow(name = "order")]
pub async fn with_child_of_another_id(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let id = format!("parcel-of-{order}");
    ctx.child(parcel, &order).workflow_id(id).await?;
    Ok(())
}

#[workflow(name = "invoice")]
pub async fn invoice(_ctx: &WorkflowContext, _order: String) -> WorkflowResult<()> {
    Ok(())
}

/// Goes another way when it is replayed for the first time.
#[workflow(name = "order")]
pub(crate) async fn moody(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    static REPLAYED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    match REPLAYED.swap(true, std::sync::atomic::Ordering::Relaxed) {
        false => shipped_first(ctx, order).await,
        true => original(ctx, order).await,
    }
}

/// As [`with_a_number`], of a type.
#[derive(Default)]
pub(crate) struct Numbered;

#[workflow]
impl Numbered {
    #[run(name = "order")]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, _order: u64) -> WorkflowResult<()> {
        ctx.sleep(Duration::from_secs(60)).await?;
        Ok(())
    }
}
