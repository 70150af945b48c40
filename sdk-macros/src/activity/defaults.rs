//! The call options that the attribute sets, as the body of `ActivityDefinition::defaults`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;

use super::options::Options;
use super::retry::Retry;
use crate::private::Private;

pub(super) fn defaults(options: &Options, private: &Private) -> TokenStream {
    let timeouts = [
        (
            quote!(start_to_close_timeout),
            options.start_to_close_timeout,
        ),
        (
            quote!(schedule_to_close_timeout),
            options.schedule_to_close_timeout,
        ),
        (
            quote!(schedule_to_start_timeout),
            options.schedule_to_start_timeout,
        ),
        (quote!(heartbeat_timeout), options.heartbeat_timeout),
    ];
    let timeouts = timeouts.into_iter().filter_map(|(field, timeout)| {
        let timeout = duration(timeout?, private);
        Some(quote!(#field = #private::Some(#timeout)))
    });
    let task_queue = options
        .task_queue
        .iter()
        .map(|queue| quote!(task_queue = #private::Some(#private::Into::into(#queue))));
    let retry = options.retry.iter().map(|retry| {
        let retry = retry_policy(retry, private);
        quote!(retry_policy = #private::Some(#retry))
    });
    let summary = options
        .summary
        .iter()
        .map(|summary| quote!(summary = #private::Some(#private::Into::into(#summary))));
    let cancellation_type = options.cancellation_type.iter().map(|cancellation| {
        let variant = &cancellation.variant;
        quote!(cancellation_type = #private::Some(#private::ActivityCancellationType::#variant))
    });
    let assignments = timeouts
        .chain(task_queue)
        .chain(retry)
        .chain(summary)
        .chain(cancellation_type)
        .collect::<Vec<_>>();
    if assignments.is_empty() {
        return quote!(#private::Default::default());
    }
    quote! {
        let mut __options: #private::ActivityOptions = #private::Default::default();
        #(__options.#assignments;)*
        __options
    }
}

fn retry_policy(retry: &Retry, private: &Private) -> TokenStream {
    let initial_interval = retry.initial_interval.iter().map(|interval| {
        let interval = duration(*interval, private);
        quote!(.initial_interval(#interval))
    });
    let backoff_coefficient = retry
        .backoff_coefficient
        .iter()
        .map(|coefficient| quote!(.backoff_coefficient(#coefficient)));
    let maximum_interval = retry.maximum_interval.iter().map(|interval| {
        let interval = duration(*interval, private);
        quote!(.maximum_interval(#interval))
    });
    let maximum_attempts = retry
        .maximum_attempts
        .iter()
        .map(|attempts| quote!(.maximum_attempts(#attempts)));
    let types = &retry.non_retryable_error_types;
    let types = (!types.is_empty())
        .then(|| quote!(.non_retryable_error_types(&[#(#types),*])))
        .into_iter();
    quote! {
        #private::RetryPolicy::new()
            #(#initial_interval)*
            #(#backoff_coefficient)*
            #(#maximum_interval)*
            #(#maximum_attempts)*
            #(#types)*
    }
}

fn duration(duration: Duration, private: &Private) -> TokenStream {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() == 0 {
        quote!(#private::Duration::from_secs(#seconds))
    } else {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        quote!(#private::Duration::from_millis(#milliseconds))
    }
}
