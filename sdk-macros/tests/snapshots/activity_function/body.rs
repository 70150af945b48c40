#[tracing::instrument]
async fn charge(
    ctx: &ActivityContext,
    order: Order,
    Cents(amount): Cents,
) -> ActivityResult<Payment> {
    ctx.heartbeat(&amount)?;
    bank::charge(order, amount).await
}
