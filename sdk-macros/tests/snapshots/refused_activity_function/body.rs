async fn charge<T>(order: &Order) -> ActivityResult<Payment> {
    bank::charge(order).await
}
