//! The saga, and the other systems it works with, which here are made up.

use std::fmt;
use std::time::Duration;

use durably::prelude::*;
use serde::{Deserialize, Serialize};

// ---------------------------------------------------------------------------------------------
// What the saga is about.

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) card: String,
    pub(crate) item: String,
    pub(crate) quantity: u32,
    pub(crate) cents: u64,
    #[serde(default)]
    pub(crate) carrier: Carrier,
    /// How long to wait for the delivery.
    #[serde(default = "thirty_days")]
    pub(crate) delivery_wait_seconds: u64,
}

pub(crate) fn thirty_days() -> u64 {
    30 * 24 * 60 * 60
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carrier {
    #[default]
    Reliable,
    /// Cannot be reached at the first two attempts.
    Flaky,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Payment {
    /// The same for all attempts of a charge, so that none charges twice.
    pub(crate) key: String,
    pub(crate) cents: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reservation {
    pub(crate) item: String,
    pub(crate) quantity: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Shipment {
    pub(crate) parcel: String,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Status {
    #[default]
    Received,
    Charging,
    Reserving,
    Shipping,
    InTransit,
    Undoing,
    Closed,
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum End {
    #[serde(rename = "delivered")]
    Delivered,
    #[serde(rename = "canceled by the customer")]
    CanceledByCustomer,
    #[serde(rename = "payment refused")]
    PaymentRefused,
    #[serde(rename = "out of stock")]
    OutOfStock,
    #[serde(rename = "never arrived")]
    NeverArrived,
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered => "delivered",
            Self::CanceledByCustomer => "canceled by the customer",
            Self::PaymentRefused => "payment refused",
            Self::OutOfStock => "out of stock",
            Self::NeverArrived => "never arrived",
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) order_id: String,
    pub(crate) end: End,
    pub(crate) payment: Option<Payment>,
    /// What was undone, in the order in which it was.
    pub(crate) undone: Vec<String>,
}

// ---------------------------------------------------------------------------------------------
// Activities: the other systems, which here are made up.

/// Other systems take a while.
async fn talk() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Charges the card. A card that is no good will not get better by trying again.
#[activity(
    start_to_close_timeout = "5s",
    retry(initial_interval = "200ms", non_retryable_error_types = ["InvalidCard"])
)]
pub(crate) async fn charge(order: Order, key: String) -> ActivityResult<Payment> {
    talk().await;
    if !order.card.starts_with("4000-") {
        let message = format!("{}'s card \"{}\" is not valid", order.customer, order.card);
        return Err(ApplicationFailure::new(message)
            .with_type("InvalidCard")
            .into());
    }
    let cents = order.cents;
    Ok(Payment { key, cents })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
pub(crate) async fn refund(payment: Payment) -> ActivityResult<String> {
    talk().await;
    Ok(format!("refunded {} cents", payment.cents))
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
pub(crate) async fn reserve(order: Order) -> ActivityResult<Reservation> {
    talk().await;
    if order.item == "unicorn" {
        let failure = ApplicationFailure::new("there are no unicorns").with_type("OutOfStock");
        return Err(failure.non_retryable().into());
    }
    let (item, quantity) = (order.item, order.quantity);
    Ok(Reservation { item, quantity })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
pub(crate) async fn release(reservation: Reservation) -> ActivityResult<String> {
    talk().await;
    Ok(format!(
        "put back {} {}",
        reservation.quantity, reservation.item
    ))
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
pub(crate) async fn ship(ctx: &ActivityContext, order: Order) -> ActivityResult<Shipment> {
    talk().await;
    let attempt = ctx.info().attempt;
    if order.carrier == Carrier::Flaky && attempt < 3 {
        // Any error will do; the server tries again.
        return Err(format!("attempt {attempt}: the carrier does not answer").into());
    }
    let parcel = format!("parcel-{}", order.id);
    Ok(Shipment { parcel })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
pub(crate) async fn recall(shipment: Shipment) -> ActivityResult<String> {
    talk().await;
    Ok(format!("recalled {}", shipment.parcel))
}

// ---------------------------------------------------------------------------------------------
// The saga.

#[derive(Default)]
pub(crate) struct OrderSaga {
    status: State<Status>,
    /// Why the customer canceled, if so.
    canceled: State<Option<String>>,
    delivered: State<bool>,
    payment: State<Option<Payment>>,
}

#[workflow]
impl OrderSaga {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, order: Order) -> WorkflowResult<Receipt> {
        let mut saga = Saga::new();
        let result = self.fulfil(ctx, &order, &mut saga).await;
        let undone = match result {
            Ok(End::Delivered) => Vec::new(),
            _ => {
                self.status.set(Status::Undoing);
                // Also when the workflow itself was canceled, which stops everything else.
                saga.run_compensations(ctx).await?
            }
        };
        self.status.set(Status::Closed);
        Ok(Receipt {
            end: result.or_else(end_of)?,
            order_id: order.id,
            payment: self.payment.get(),
            undone,
        })
    }

    #[signal]
    pub(crate) fn cancel(&self, reason: String) {
        self.canceled.set(Some(reason));
    }

    #[signal]
    pub(crate) fn delivered(&self) {
        self.delivered.set(true);
    }

    #[query]
    pub(crate) fn status(&self) -> Status {
        self.status.get()
    }
}

impl OrderSaga {
    /// The steps of an order. Each one that is done leaves behind what undoes it, and tells of it.
    async fn fulfil(
        &self,
        ctx: &WorkflowContext,
        order: &Order,
        saga: &mut Saga<String>,
    ) -> Result<End, Failure> {
        self.status.set(Status::Charging);
        let key = ctx.uuid().to_string();
        let payment = ctx.activity(charge, (order, key)).await?;
        saga.compensate(ctx.activity(refund, &payment));
        self.payment.set(Some(payment));
        if self.is_canceled() {
            return Ok(End::CanceledByCustomer);
        }

        self.status.set(Status::Reserving);
        let reservation = ctx.activity(reserve, order).await?;
        saga.compensate(ctx.activity(release, reservation));
        if self.is_canceled() {
            return Ok(End::CanceledByCustomer);
        }

        self.status.set(Status::Shipping);
        let shipment = ctx.activity(ship, order).await?;
        saga.compensate(ctx.activity(recall, shipment));

        self.status.set(Status::InTransit);
        let news = ctx
            .wait_until(|| self.delivered.get() || self.is_canceled())
            .timeout(Duration::from_secs(order.delivery_wait_seconds))
            .await?;
        Ok(match news {
            false => End::NeverArrived,
            true if self.delivered.get() => End::Delivered,
            true => End::CanceledByCustomer,
        })
    }

    fn is_canceled(&self) -> bool {
        self.canceled.with(Option::is_some)
    }
}

/// The end that an activity's failure means. Any other failure fails the workflow.
fn end_of(failure: Failure) -> Result<End, Failure> {
    match failure.application().map(ApplicationFailure::failure_type) {
        Some("InvalidCard") => Ok(End::PaymentRefused),
        Some("OutOfStock") => Ok(End::OutOfStock),
        _ => Err(failure),
    }
}
