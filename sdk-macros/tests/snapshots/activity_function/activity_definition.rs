#[automatically_derived]
impl ::durably::__private::ActivityDefinition for charge {
    type Parameters = (Order, Cents);
    type Output = <ActivityResult<Payment> as ::durably::__private::NamedResult>::Output;
    type Timeout = ::durably::__private::HasTimeout;
    const NAME: &'static str = "Charge";
    fn defaults() -> ::durably::__private::ActivityOptions {
        let mut __options: ::durably::__private::ActivityOptions = ::durably::__private::Default::default();
        __options.start_to_close_timeout = ::durably::__private::Some(
            ::durably::__private::Duration::from_secs(30u64),
        );
        __options.heartbeat_timeout = ::durably::__private::Some(
            ::durably::__private::Duration::from_millis(1500u64),
        );
        __options.task_queue = ::durably::__private::Some(
            ::durably::__private::Into::into("cards"),
        );
        __options.retry_policy = ::durably::__private::Some(
            ::durably::__private::RetryPolicy::new()
                .backoff_coefficient(1.5f64)
                .maximum_attempts(5u32)
                .non_retryable_error_types(&["Declined"]),
        );
        __options.cancellation_type = ::durably::__private::Some(
            ::durably::__private::ActivityCancellationType::Abandon,
        );
        __options
    }
}
