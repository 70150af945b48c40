//! The forms that a free function can have.

#![deny(warnings)]

use durably::activity;
use durably::activity::{ActivityContext, ActivityOptions};
use durably::definition::ActivityDefinition;
use durably::failure::{ActivityError, ActivityResult, ApplicationFailure};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order(u32);

#[activity]
async fn nothing() -> ActivityResult<()> {
    Ok(())
}

#[activity(name = "Charge", schedule_to_close_timeout = "1h")]
async fn charge(ctx: &ActivityContext, order: Order) -> Result<u32, ApplicationFailure> {
    let _ = ctx;
    Ok(order.0)
}

/// A parameter may be a pattern, and may have the activity's own name.
#[activity]
fn destructured(Order(destructured): Order, mut more: u32, _: bool) -> std::io::Result<u32> {
    more += destructured;
    Ok(more)
}

#[activity]
fn any_error(text: String) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    Ok(text.parse()?)
}

#[activity]
#[allow(clippy::too_many_arguments)]
async fn eight(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> ActivityResult<u8> {
    Ok(a + b + c + d + e + f + g + h)
}

#[activity]
async fn r#type(r#in: u32) -> ActivityResult<u32> {
    Ok(r#in)
}

#[activity]
async fn recursive(depth: u32) -> ActivityResult<u32> {
    if depth == 0 {
        Ok(0)
    } else {
        Box::pin(recursive(depth - 1)).await
    }
}

#[activity]
fn gives_up() -> ActivityResult<()> {
    Err(ActivityError::complete_asynchronously())
}

mod billing {
    use super::*;

    #[activity]
    pub(super) fn refund(order: Order) -> ActivityResult<u32> {
        Ok(order.0)
    }
}

#[cfg(any())]
#[activity]
fn not_built(order: Missing) -> ActivityResult<u32> {}

#[activity]
#[deprecated(note = "use `charge`")]
#[allow(dead_code, clippy::unused_async)]
async fn old() -> ActivityResult<()> {
    Ok(())
}

fn name_of<A: ActivityDefinition>(_: A) -> (&'static str, ActivityOptions) {
    (A::NAME, A::defaults())
}

#[test]
fn is_usable() {
    #[activity]
    fn local(order: Order) -> ActivityResult<u32> {
        Ok(order.0)
    }

    assert_eq!(destructured(Order(1), 2, true).unwrap(), 3);
    assert_eq!(any_error("5".to_owned()).unwrap(), 5);
    assert_eq!(billing::refund(Order(7)).unwrap(), 7);
    assert_eq!(local(Order(8)).unwrap(), 8);
    assert!(gives_up().is_err());
    let _ = (
        nothing(),
        eight(1, 2, 3, 4, 5, 6, 7, 8),
        recursive(3),
        r#type(1),
    );
    assert_eq!(name_of(charge).0, "Charge");
    assert_eq!(name_of(r#type).0, "type");
    assert_eq!(format!("{charge:?}"), "charge");
    assert!(name_of(charge).1.schedule_to_close_timeout.is_some());

    assert_eq!(name_of(billing::refund).0, "refund");
    assert_eq!(name_of(local).0, "local");
}
