//! Patches, versions and side effects.

use std::time::Duration;

use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const HOUR: Duration = Duration::from_secs(3600);
const OLDEST: i32 = WorkflowContext::DEFAULT_VERSION;

/// Nothing.
#[workflow(name = "patches")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The patch was forgotten.
#[workflow(name = "patches")]
pub(crate) async fn patch_forgotten(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?; // <- MarkerRecorded = removed_patch
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The patch has another id.
#[workflow(name = "patches")]
pub(crate) async fn patch_renamed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve-stock") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64); // <- MarkerRecorded = removed_patch
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The patch is asked for later.
#[workflow(name = "patches")]
pub(crate) async fn patch_later(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.activity(reserve, &order).await?; // <- MarkerRecorded = removed_patch
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    if ctx.patched("reserve") {
        ctx.activity(charge, format!("{order} {token}")).await?;
    }
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The patch's new side calls something else.
#[workflow(name = "patches")]
pub(crate) async fn patched_side_changed(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(pick, &order).await?; // <- ActivityTaskScheduled reserve = changed_name
    }
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The version of old runs is not known any more.
#[workflow(name = "patches")]
pub(crate) async fn version_dropped(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", 3, 4); // <- WorkflowTaskStarted #2 = dropped_version (code_failed)
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The version is not asked for any more, which is no branch.
#[workflow(name = "patches")]
pub(crate) async fn version_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The side effect was removed.
#[workflow(name = "patches")]
pub(crate) async fn side_effect_removed(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    ctx.version("wrapping", OLDEST, 2); // <- MarkerRecorded #2 = removed_call
    ctx.activity(charge, &order).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A side effect was added.
#[workflow(name = "patches")]
pub(crate) async fn side_effect_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.side_effect(|| 8_u64); // <- TimerStarted = added_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The patch is deprecated.
#[workflow(name = "patches")]
pub(crate) async fn patch_deprecated(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.deprecate_patch("reserve");
    ctx.activity(reserve, &order).await?;
    let token = ctx.side_effect(|| 7_u64);
    ctx.version("wrapping", OLDEST, 2);
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// There is a newer version.
#[workflow(name = "patches")]
pub(crate) async fn version_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 7_u64);
    if ctx.version("wrapping", OLDEST, 3) > 2 {
        ctx.activity(wrap, &order).await?;
    }
    ctx.activity(charge, format!("{order} {token}")).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A second patch guards another call.
#[workflow(name = "patches")]
pub(crate) async fn patch_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    if ctx.patched("reserve") {
        ctx.activity(reserve, &order).await?;
    }
    let token = ctx.side_effect(|| 9_u64);
    ctx.version("wrapping", OLDEST, 2);
    if !ctx.patched("free") {
        ctx.activity(charge, format!("{order} {token}")).await?;
    }
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted");
    let table = check! { recorded, "patches.rs",
        base patch_forgotten patch_renamed patch_later patched_side_changed version_dropped
        version_removed side_effect_removed side_effect_added patch_deprecated version_added
        patch_added
    };
    expect_test::expect_file!["tables/patches.md"].assert_eq(&table);
}
