//! The workflow of the service: an order is charged, reserved, and shipped the next day.

use std::time::Duration;

use durably::prelude::*;
use serde::{Deserialize, Serialize};

/// What a customer wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: u32,
    /// What it costs.
    pub cents: u64,
}

/// Takes the money.
#[activity(start_to_close_timeout = "10s")]
pub async fn charge(order: Order) -> ActivityResult<String> {
    Ok(format!("payment of {} cents", order.cents))
}

/// Sets the goods aside.
#[activity(start_to_close_timeout = "10s")]
pub async fn reserve(order: Order) -> ActivityResult<String> {
    Ok(format!("reservation {}", order.id))
}

/// Hands the parcel to the carrier.
#[activity(start_to_close_timeout = "10s")]
pub async fn ship(order: Order) -> ActivityResult<String> {
    Ok(format!("parcel {}", order.id))
}

/// An order from payment to parcel.
#[workflow]
pub async fn ship_order(ctx: &WorkflowContext, order: Order) -> WorkflowResult<String> {
    ctx.activity(charge, &order).await?;
    ctx.activity(reserve, &order).await?;
    ctx.sleep(Duration::from_secs(24 * 60 * 60)).await?;
    Ok(ctx.activity(ship, &order).await?)
}
